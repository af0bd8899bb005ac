with engagements as (
    select * from {{ ref('stg_engagements') }}
),

organismes as (
    select * from {{ ref('stg_organismes') }}
),

vagues as (
    select * from {{ ref('stg_vagues') }}
    where est_principale
),

themes as (
    select * from {{ ref('stg_themes') }}
),

edition as (
    select * from {{ ref('stg_edition') }}
),

-- Un organisme a ici un seul nom : celui de sa dernière période.
noms as (
    select
        organisme_code,
        max_by(nom, valide_de) as organisme
    from organismes
    group by all
),

-- La dernière mesure d'avant l'engagement : rien de ce qu'il a fait n'y est encore.
departs as (
    select
        engagements.engagement_code,
        max_by(vagues.vague, vagues.ordre) as vague_depart
    from engagements
    inner join vagues
        on engagements.debut > vagues.terrain_fin
    group by all
),

situes as (
    select
        engagements.*,
        noms.organisme,
        themes.libelle as theme,
        departs.vague_depart,
        case
            when
                engagements.etat in ('prevu', 'en_cours')
                and engagements.fin < cast(edition.publiee_le as date)
                then 'echu'
            when engagements.etat = 'tenu' and engagements.preuve is null then 'sans_preuve'
            else 'a_jour'
        end as situation
    from engagements
    cross join edition
    left join noms
        on engagements.organisme_code = noms.organisme_code
    left join themes
        on engagements.theme_code = themes.theme_code
    left join departs
        on engagements.engagement_code = departs.engagement_code
),

-- Ce qu'un organisme n'a pas tenu à temps, ou ne prouve pas, ne se lit que chez lui.
publics as (
    select
        *,
        organisme_code is null or situation = 'a_jour' as est_public
    from situes
)

{{ projeter('publics') }}
