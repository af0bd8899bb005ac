with vagues as (
    select * from {{ ref('stg_vagues') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

lots as (
    select * from {{ ref('stg_lots') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

consolides as (
    select
        vague,
        cast(count(*) as bigint) as nb_organismes,
        cast(sum(nb_entretiens) as bigint) as nb_entretiens
    from participants
    group by all
),

-- Ce qu'un institut dit de son terrain vaut pour tous les organismes de son contrat, et chacun de leurs lots le répète.
terrains_par_contrat as (
    select
        vague,
        contrat,
        max(appeles) as appeles,
        max(joints) as joints,
        max(refus) as refus,
        count(*) as nb_organismes,
        sum(nb_entretiens) as nb_entretiens
    from lots
    where appeles is not null
    group by all
),

-- De quelques organismes, ce serait le terrain de chacun.
terrains as (
    select
        terrains_par_contrat.vague,
        cast(sum(terrains_par_contrat.appeles) as bigint) as appeles,
        {%- for compte in ['joints', 'refus'] %}
        {%- set compte_ici = 'terrains_par_contrat.' ~ compte %}
        cast(case when count({{ compte_ici }}) = count(*) then sum({{ compte_ici }}) end as bigint) as {{ compte }},
        {%- endfor %}
        cast(sum(terrains_par_contrat.nb_entretiens) as bigint) as entretiens_des_appeles
    from terrains_par_contrat
    cross join parametres
    group by terrains_par_contrat.vague
    having sum(terrains_par_contrat.nb_organismes) >= max(parametres.organismes_minimum)
),

-- Ce qu'une période a derrière elle de l'enquête : la dernière vague du principal dont le terrain s'est achevé avant le sien.
principales as (
    select
        vagues.vague,
        max_by(avant.vague, avant.ordre) as vague_principale
    from vagues
    inner join vagues as avant
        on vagues.terrain_fin > avant.terrain_fin
    where avant.est_principale and not vagues.est_principale
    group by vagues.vague
),

situees as (
    select
        vagues.*,
        lag(vagues.vague) over (partition by vagues.dispositif_code order by vagues.ordre) as vague_precedente,
        principales.vague_principale,
        vagues.vague = parametres.vague_courante as est_courante,
        coalesce(consolides.nb_organismes, 0) as nb_organismes,
        coalesce(consolides.nb_entretiens, 0) as nb_entretiens,
        {{ prises('terrains', ['appeles', 'joints', 'refus', 'entretiens_des_appeles']) }}
    from vagues
    cross join parametres
    left join consolides
        on vagues.vague = consolides.vague
    left join terrains
        on vagues.vague = terrains.vague
    left join principales
        on vagues.vague = principales.vague
)

{{ projeter('situees') }}
