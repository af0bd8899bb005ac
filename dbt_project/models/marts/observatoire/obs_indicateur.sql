{%- set sans_arrondi = 'parametres.protection = 0' -%}
{%- set plein_chiffre = 'lignes.nb_organismes >= parametres.organismes_plein_chiffre' -%}
with satisfaction as (
    select *
    from {{ ref('fct_satisfaction') }}
    where perimetre_type = 'region' and axe = 'ensemble'
),

evolution as (
    select *
    from {{ ref('fct_evolution') }}
    where perimetre_type = 'region' and axe = 'ensemble' and methode = 'publie'
),

ecart_reference as (
    select *
    from {{ ref('fct_ecart_reference') }}
    where perimetre_type = 'region'
),

questions as (
    select
        *,
        row_number() over (
            partition by theme_code
            order by ordre, question_code
        ) as rang_dans_le_theme
    from {{ ref('dim_question') }}
),

-- La note la plus haute qu'une réponse puisse valoir : une note se lit sur ce maximum.
maxima as (
    select
        question_code,
        max(note) as note_maximale
    from {{ ref('dim_modalite') }}
    group by all
),

vagues as (
    select * from {{ ref('dim_vague') }}
    where est_principale
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- L'évolution la plus longue : depuis la première vague à laquelle la question se compare.
premieres as (
    select
        evolution.vague,
        evolution.question_code,
        evolution.vague_precedente,
        evolution.verdict,
        row_number() over (
            partition by evolution.vague, evolution.question_code
            order by vagues.ordre
        ) as rang
    from evolution
    inner join vagues
        on evolution.vague_precedente = vagues.vague
    where evolution.statut = 'V' and evolution.verdict not in ('nouveau', 'non comparable')
),

-- En deçà du plein chiffre, une tendance sort comme un écart : arrondie est l'évolution de la première vague à la dernière. Elle n'en
-- dit pas plus, car les vagues sont des échantillons différents.
tendances as (
    select
        lignes.vague,
        lignes.question_code,
        lignes.nb_vagues as tendance_vagues,
        lignes.verdict as tendance_verdict,
        case
            when {{ sans_arrondi }} then lignes.pente
            {%- for mesure, fin, pas in [
                ('note', pas_fin('note'), pas_des_ecarts_de_note('lignes.base_brute')),
                ('taux', pas_fin('part'), pas_des_parts('lignes.base_brute')),
            ] %}
            when lignes.mesure = '{{ mesure }}' and {{ plein_chiffre }}
                then {{ au_pas('lignes.ecart', fin) }} / lignes.duree
            when lignes.mesure = '{{ mesure }}' then {{ au_pas('lignes.ecart', pas) }} / lignes.duree
            {%- endfor %}
        end as tendance,
        case
            when {{ sans_arrondi }} then lignes.erreur_type
            when {{ plein_chiffre }} then {{ erreur_publiee('lignes.erreur_type', plein=true) }}
            when lignes.mesure = 'note' then {{ erreur_publiee('lignes.erreur_type') }}
        end as tendance_erreur_type,
        case
            when {{ sans_arrondi }} then lignes.p_valeur
            when {{ plein_chiffre }} then {{ probabilite_publiee('lignes.p_valeur', plein=true) }}
            else {{ probabilite_publiee('lignes.p_valeur') }}
        end as tendance_p_valeur,
        case
            when {{ sans_arrondi }} then lignes.p_valeur_ajustee
            when {{ plein_chiffre }} then {{ probabilite_publiee('lignes.p_valeur_ajustee', plein=true) }}
            else {{ probabilite_publiee('lignes.p_valeur_ajustee') }}
        end as tendance_p_valeur_ajustee
    from {{ ref('int_tendance') }} as lignes
    cross join parametres
),

-- Une source qui donne une note et un taux pour la même question est imprimée en note.
references_imprimees as (
    select
        ecart_reference.*,
        row_number() over (
            partition by ecart_reference.vague, ecart_reference.question_code
            order by ecart_reference.unite
        ) as rang
    from ecart_reference
    inner join parametres
        on ecart_reference.source = parametres.reference_imprimee
),

lignes as (
    select
        questions.*,
        vagues.vague_precedente,
        {{ prises('satisfaction', [
            'vague', 'nb_organismes', 'base_brute', 'statut', 'motif_code', 'motif_parametre', 'motif_statut'
        ]) }},
        satisfaction.note_imprimee as note_moyenne,
        maxima.note_maximale,
        avant.note_imprimee as note_precedente,
        avant.taux_imprime as taux_precedent,
        depart.note_imprimee as note_premiere,
        depart.taux_imprime as taux_premiere,
        satisfaction.note_imprimee_ic_bas as note_ic_bas,
        satisfaction.note_imprimee_ic_haut as note_ic_haut,
        satisfaction.taux_imprime as taux_satisfaits,
        satisfaction.taux_imprime_ic_bas as taux_ic_bas,
        satisfaction.taux_imprime_ic_haut as taux_ic_haut,
        evolution.ecart_note as evolution,
        evolution.ecart_taux as evolution_taux,
        {{ prises('evolution', ['p_valeur', 'p_valeur_ajustee', 'verdict', 'verdict_sensible_bareme']) }},
        {{ prises('evolution', [
            'organismes_en_hausse', 'organismes_stables', 'organismes_non_significatifs', 'organismes_en_baisse'
        ]) }},
        premieres.vague_precedente as vague_premiere,
        premieres.verdict as verdict_premiere,
        case
            when vagues.vague_precedente is null then {{ motif('premiere_vague') }}
            when evolution.question_code is null and questions.type = 'multiple' then {{ motif('plusieurs_reponses') }}
            when evolution.question_code is null then {{ motif('sans_mesure') }}
            else {{ motif_de('evolution', 'motif_verdict') }}
        end as motif_du_verdict,
        {{ prises('tendances', [
            'tendance_vagues', 'tendance', 'tendance_erreur_type', 'tendance_p_valeur', 'tendance_p_valeur_ajustee', 'tendance_verdict'
        ]) }},
        references_imprimees.source as reference_source,
        references_imprimees.unite as reference_unite,
        references_imprimees.reference,
        references_imprimees.ecart as ecart_reference,
        references_imprimees.verdict as verdict_reference,
        references_imprimees.verdict_sensible_bareme as verdict_reference_sensible_bareme,
        references_imprimees.est_demonstration as reference_est_demonstration
    from satisfaction
    inner join questions
        on satisfaction.question_code = questions.question_code
    inner join vagues
        on satisfaction.vague = vagues.vague
    left join maxima
        on questions.question_code = maxima.question_code
    left join satisfaction as avant
        on
            vagues.vague_precedente = avant.vague
            and satisfaction.question_code = avant.question_code
    left join evolution
        on
            {{ memes('satisfaction', 'evolution', ['vague', 'question_code']) }}
            and vagues.vague_precedente = evolution.vague_precedente
    left join premieres
        on
            {{ memes('satisfaction', 'premieres', ['vague', 'question_code']) }}
            and premieres.rang = 1
    left join satisfaction as depart
        on
            premieres.vague_precedente = depart.vague
            and premieres.question_code = depart.question_code
    left join tendances
        on {{ memes('satisfaction', 'tendances', ['vague', 'question_code']) }}
    left join references_imprimees
        on
            {{ memes('satisfaction', 'references_imprimees', ['vague', 'question_code']) }}
            and references_imprimees.rang = 1
),

arrondis as (
    select
        *,
        cast({{ decimales() }} as bigint) as decimales
    from lignes
),

phrases as (
    select
        *,
        {{ suite_de_la_phrase() }} as suite,
        {{ sujet_de_la_phrase() }} as sujet
    from arrondis
),

dites as (
    select
        *,
        {{ colonnes_motif('motif_du_verdict', 'motif_verdict', 'motif_verdict') }},
        replace(replace({{ texte('phrase', "'indicateur'") }}, '{suite}', suite), '{libelle}', libelle) as phrase,
        replace({{ texte('phrase', 'sujet') }}, '{suite}', suite) as phrase_sans_libelle
    from phrases
)

{{ projeter('dites') }}
