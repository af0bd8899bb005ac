{%- set case = ['vague', 'ensemble', 'axe', 'segment', 'question_code'] -%}
{%- set perimetre = ['vague', 'perimetre_type', 'perimetre'] -%}
{%- set famille = perimetre + ['comparaison', 'axe'] -%}
{%- set cle = famille + ['segment', 'segment_compare', 'question_code'] -%}
{%- set comparees = fromyaml(mesures()) | selectattr('comparaison', 'defined') | list -%}
{%- set question = ['vague', 'question_code'] -%}
{#- Ce qu'une comparaison reprend de la première des deux cellules. -#}
{%- set satisfaite = perimetre + ['ensemble', 'axe', 'segment', 'question_code', 'base_brute'] -%}
{#- Deux cellules publiées face à face, sous les noms `un` et `deux`. -#}
{%- set face_a_face -%}
{{ prises('un', satisfaite) }},
        deux.ensemble as ensemble_compare,
        deux.segment as segment_compare,
        deux.base_brute as base_brute_comparee,
        least(un.base_verdict, deux.base_verdict) as base_verdict,
        false as region_entiere,
        {{ motif_de('un') }} as motif_propre,
        {{ motif_de('deux') }} as motif_compare
{%- endset -%}
with bases as (
    select * from {{ ref('int_estimation') }}
    where mesure = 'base'
),

-- Lues à part : un moteur garderait en mémoire une table qu'il lirait deux fois sous le même nom.
premieres as (
    select * from {{ ref('int_estimation') }}
    where {{ a_des_colonnes('mesure', 'comparaison') }}
),

secondes as (
    select * from {{ ref('int_estimation') }}
    where {{ a_des_colonnes('mesure', 'comparaison') }}
),

satisfaction as (
    select *
    from {{ ref('int_satisfaction') }}
    where
        segment <> 'NR'
        and statut <> 'Z'
),

croises as (
    select * from {{ ref('int_croises') }}
),

mesurees as (
    select distinct {{ question | join(', ') }}
    from {{ ref('int_valeurs') }}
    where {{ a_des_colonnes('mesure', 'comparaison') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

segments as (
    select * from {{ ref('stg_segments') }}
    where segment <> 'NR'
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

restes as (
    select distinct
        {{ perimetre | join(', ') }},
        ensemble
    from perimetres
    where methode = 'reste'
),

paires as (
    select
        segments.axe,
        segments.segment,
        compares.segment as segment_compare
    from segments
    inner join segments as compares
        on
            segments.axe = compares.axe
            and segments.ordre < compares.ordre
),

-- D'un segment à l'autre du même périmètre.
entre_segments as (
    select
        'segment' as comparaison,
        {{ face_a_face }}
    from satisfaction as un
    inner join paires
        on {{ memes('un', 'paires', ['axe', 'segment']) }}
    inner join satisfaction as deux
        on
            {{ memes('un', 'deux', perimetre + ['axe', 'question_code']) }}
            and paires.segment_compare = deux.segment
    inner join mesurees
        on {{ memes('un', 'mesurees', question) }}
),

-- D'un organisme à tous les autres, qui l'excluent.
face_au_reste as (
    select
        'reste_region' as comparaison,
        {{ prises('un', satisfaite) }},
        restes.ensemble as ensemble_compare,
        un.segment as segment_compare,
        deux.base_brute as base_brute_comparee,
        least(un.base_verdict, deux.base_verdict) as base_verdict,
        -- au plein chiffre, la région moins les siens dit déjà les autres
        un.axe = 'ensemble' and region.nb_organismes >= parametres.organismes_plein_chiffre as region_entiere,
        {{ motif_de('un') }} as motif_propre,
        -- avec ses propres chiffres, un organisme tire du reste de la région ceux de la région
        case
            when region.statut <> 'V' then {{ motif('region_masquee') }}
            else
                {{ motif_cellule(
                    'true', 'deux.base_brute', 'deux.nb_organismes', 'deux.part_dominante', "'reste'",
                    efficace='deux.base_efficace'
                ) }}
        end as motif_compare
    from satisfaction as un
    inner join restes
        on {{ memes('un', 'restes', perimetre) }}
    inner join bases as deux
        on
            {{ memes('un', 'deux', ['vague', 'axe', 'segment', 'question_code']) }}
            and restes.ensemble = deux.ensemble
    inner join satisfaction as region
        on
            region.perimetre_type = 'region'
            and {{ memes('un', 'region', ['vague', 'axe', 'segment', 'question_code']) }}
    inner join mesurees
        on {{ memes('un', 'mesurees', question) }}
    cross join parametres
),

-- Des organismes qui ont une démarche aux autres : deux périmètres publiés l'un et l'autre, sans un organisme en commun.
selon_la_demarche as (
    select
        'demarche' as comparaison,
        {{ face_a_face }}
    from satisfaction as un
    inner join satisfaction as deux
        on {{ memes('un', 'deux', ['vague', 'perimetre_type', 'axe', 'segment', 'question_code']) }}
    inner join mesurees
        on {{ memes('un', 'mesurees', question) }}
    where
        un.perimetre_type = 'demarche'
        and un.perimetre = 'avec'
        and deux.perimetre = 'sans'
),

cellules as (
    select * from entre_segments
    union all
    select * from face_au_reste
    union all
    select * from selon_la_demarche
),

motivees as (
    select
        *,
        case
            when motif_propre is not null then motif_propre
            when comparaison = 'segment' then {{ motif_d_une_autre('segment', 'motif_compare', 'segment_compare') }}
            else {{ motif_d_une_autre('autres_organismes', 'motif_compare') }}
        end as motif
    from cellules
),

jugees as (
    select
        *,
        {{ statut_motif('motif') }} as statut
    from motivees
),

/*
  Deux segments sont deux domaines d'un même échantillon, donc ont une covariance, sauf si l'un n'a pas de variance. Un organisme
  et les autres n'ont aucune strate en commun, donc aucune ; ceux qui ont une démarche et les autres non plus.
*/
ecarts as (
    select
        {{ prises('jugees', cle) }},
        un.mesure,
        un.moyenne as valeur,
        deux.moyenne as valeur_comparee,
        un.moyenne - deux.moyenne as ecart,
        un.erreur_type * un.erreur_type + deux.erreur_type * deux.erreur_type as variances,
        case
            when croises.r11 is null or un.erreur_type = 0 or deux.erreur_type = 0 then 0.0
            else
                2 * (
                    croises.r00
                    - (un.moyenne - croises.centre) * croises.r01
                    - (deux.moyenne - croises.centre) * croises.r10
                    + (un.moyenne - croises.centre) * (deux.moyenne - croises.centre) * croises.r11
                ) / (un.base_ponderee * deux.base_ponderee)
        end as covariances,
        {{ ddl_ecart(
            'un.variance_limite', 'un.ddl', 'deux.variance_limite', 'deux.ddl', 'coalesce(croises.nb_unites_partagees, 0) > 0'
        ) }} as ddl
    from jugees
    inner join premieres as un
        on {{ memes('jugees', 'un', case) }}
    -- à gauche : DuckDB joindrait sinon d'abord toutes les premières à toutes les secondes d'une question
    left join secondes as deux
        on
            {{ memes('jugees', 'deux', ['vague', 'axe', 'question_code']) }}
            and un.mesure = deux.mesure
            and jugees.ensemble_compare = deux.ensemble
            and jugees.segment_compare = deux.segment
    left join croises
        on
            {{ memes('jugees', 'croises', cle | reject('equalto', 'comparaison')) }}
            and un.mesure = croises.mesure
    where jugees.statut = 'V'
),

precises as (
    select
        *,
        {{ erreur_ecart('variances', 'covariances') }} as erreur_type
    from ecarts
),

-- Une question qui a une note est jugée sur sa note, les autres sur leur taux.
juges as (
    select
        jugees.*,
        {%- for m in comparees %}
        {%- for statistique in ['valeur', 'valeur_comparee', 'ecart', 'erreur_type'] %}
        {{ m.nom }}.{{ statistique }} as {{ m.nom }}__{{ statistique }},
        {%- endfor %}
        {%- endfor %}
        coalesce(note.ddl, taux.ddl) as ddl,
        case when note.ecart is null then 'taux' else 'note' end as mesure,
        coalesce(note.ecart, taux.ecart) as ecart,
        case when note.ecart is null then taux.erreur_type else note.erreur_type end as erreur,
        case
            when note.ecart is null then parametres.materialite_taux else parametres.materialite_note
        end as materialite,
        true as est_comparable,
        quantile_student(parametres.confiance, coalesce(note.ddl, taux.ddl)) as t,
        parametres.alpha,
        parametres.base_fragile
    from jugees
    cross join parametres
    {%- for m in comparees %}
    left join precises as {{ m.nom }}
        on
            {{ m.nom }}.mesure = '{{ m.nom }}'
            and {{ memes('jugees', m.nom, cle) }}
    {%- endfor %}
),

tests as (
    select
        *,
        {{ p_ecart('ecart', 'erreur') }} as p_valeur
    from juges
),

{{ p_ajustees(famille) }},

nommees as (
    select
        {%- for m in comparees %}
        {%- for colonne, statistique in m.comparaison.items() %}
        {{ ecart_publie(m, statistique) }} as {{ colonne }},
        {%- endfor %}
        {%- endfor %}
        *,
        p_ajustee as p_valeur_ajustee,
        {{ verdict_position() }} as verdict,
        {{ colonnes_motif('motif', axe='ajustes.axe') }}
    from ajustes
)

{{ masquer('nommees', pour='fct_comparaison', aussi=['base_verdict', 'region_entiere']) }}
