{%- set quartiles = [('quartile_1', 0.25), ('mediane', 0.5), ('quartile_3', 0.75)] -%}
{%- set groupe = ['vague', 'groupe_type', 'groupe', 'groupe_libelle', 'question_code', 'mesure'] -%}
{%- set lus = groupe + ['nb_organismes', 'quartile_1', 'mediane', 'quartile_3'] -%}
with satisfaction as (
    select *
    from {{ ref('int_satisfaction') }}
    where
        perimetre_type = 'organisme'
        and axe = 'ensemble'
        and statut <> 'Z'
),

groupes as (
    select * from {{ ref('int_groupes') }}
),

totaux as (
    select *
    from {{ ref('int_satisfaction') }}
    where
        perimetre_type <> 'organisme'
        and axe = 'ensemble'
),

questions as (
    select * from {{ ref('stg_questions') }}
),

echelles as (
    select * from {{ ref('stg_echelles') }}
),

baremes as (
    select distinct echelle from {{ ref('stg_baremes') }}
),

indices as (
    select distinct question_code from {{ ref('stg_composites') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

mesures as (
    select
        questions.question_code,
        'taux' as mesure
    from questions
    inner join echelles
        on questions.echelle = echelles.echelle
    where echelles.type = 'unique'
    union all
    select
        questions.question_code,
        'note' as mesure
    from questions
    left join baremes
        on questions.echelle = baremes.echelle
    left join indices
        on questions.question_code = indices.question_code
    where baremes.echelle is not null or indices.question_code is not null
),

-- Un organisme compte dans chacun de ses groupes par son propre chiffre, s'il est publié chez lui.
chiffres as (
    select
        groupes.*,
        satisfaction.question_code,
        mesures.mesure,
        case mesures.mesure when 'note' then satisfaction.note_moyenne else satisfaction.taux_satisfaits end as valeur,
        {{ motif_de('satisfaction') }} as motif
    from satisfaction
    inner join groupes
        on
            satisfaction.vague = groupes.vague
            and satisfaction.perimetre = groupes.organisme_code
    inner join mesures
        on satisfaction.question_code = mesures.question_code
),

rangs as (
    select
        *,
        case
            when valeur is not null
                then
                    row_number() over (
                        partition by {{ groupe | join(', ') }}
                        order by valeur asc nulls last, organisme_code asc
                    )
        end as rang,
        count(valeur) over (partition by {{ groupe | join(', ') }}) as nb
    from chiffres
),

-- Le rang d'un quartile tombe sur un organisme ou entre deux. Là où les chiffres des organismes sont publics, c'est le quartile usuel,
-- interpolé entre les deux ; ailleurs, la moyenne de ceux qui l'entourent, trois au moins, qui n'est le chiffre d'aucun.
peses as (
    select
        {%- for nom, p in quartiles %}
        {%- set distance = 'abs(rangs.rang - 1 - ' ~ p ~ ' * (rangs.nb - 1))' %}
        case
            when parametres.organismes_secrets then case when {{ distance }} <= 1.5 then 1.0 else 0.0 end
            else greatest(1.0 - {{ distance }}, 0.0)
        end as poids_{{ nom }},
        {%- endfor %}
        rangs.*
    from rangs
    cross join parametres
),

par_groupe as (
    select
        {{ groupe | join(', ') }},
        {%- for nom, _ in quartiles %}
        {{ somme('poids_' ~ nom ~ ' * valeur') }}
        / sum(case when valeur is not null then poids_{{ nom }} end) as {{ nom }},
        {%- endfor %}
        cast(max(nb) as bigint) as nb_organismes
    from peses
    group by all
),

-- Un groupe qui est aussi un périmètre n'a de quartiles que si son total est publié ; un autre, que si la région l'est.
juges as (
    select
        par_groupe.*,
        case
            when par_groupe.nb_organismes < parametres.organismes_repartition
                then {{ motif('organismes_repartition', 'parametres.organismes_repartition') }}
            when coalesce(propres.statut, region.statut, '') <> 'V' then {{ motif('perimetre_masque') }}
        end as motif
    from par_groupe
    cross join parametres
    left join totaux as propres
        on
            par_groupe.vague = propres.vague
            and par_groupe.groupe_type = propres.perimetre_type
            and par_groupe.groupe = propres.perimetre
            and par_groupe.question_code = propres.question_code
    left join totaux as region
        on
            par_groupe.vague = region.vague
            and region.perimetre_type = 'region'
            and par_groupe.question_code = region.question_code
),

-- La région lit les groupes ; un organisme y lit en outre sa place, dans son fichier seulement.
lectures as (
    select
        'region' as perimetre_type,
        'region' as perimetre,
        {{ lus | join(', ') }},
        cast(null as double) as valeur,
        motif
    from juges
    union all
    select
        'organisme' as perimetre_type,
        chiffres.organisme_code as perimetre,
        {{ prises('juges', lus) }},
        chiffres.valeur,
        coalesce(chiffres.motif, juges.motif) as motif
    from juges
    inner join chiffres
        on {{ memes('juges', 'chiffres', groupe | reject('equalto', 'groupe_libelle')) }}
),

-- La place se lit entre chiffres tels qu'ils sortent : prise sur les chiffres entiers, elle contredirait l'imprimé.
places as (
    select
        lectures.*,
        case
            when lectures.valeur is null then null
            {%- for nom, _ in quartiles %}
            when {{ quartile_publie('lectures.valeur', sien=true) }} < {{ quartile_publie('lectures.' ~ nom) }}
                then {{ loop.index }}
            {%- endfor %}
            else 4
        end as quart,
        {{ statut_motif('motif') }} as statut,
        {{ colonnes_motif('motif') }}
    from lectures
    cross join parametres
)

{{ masquer('places', pour='fct_quartile') }}
