{#- Successions suivies d'affilée (une fusion de fusions), entre deux terrains. -#}
{%- set profondeur = 4 -%}
{%- set paire = ['vague', 'vague_precedente'] -%}
{%- set cote = ['methode', 'vague', 'vague_mesuree', 'perimetre_type', 'perimetre'] -%}

with participants as (
    select * from {{ ref('int_participants') }}
),

vagues as (
    select * from {{ ref('stg_vagues') }}
),

filiations as (
    select * from {{ ref('stg_filiations') }}
),

declares as (
    select * from {{ ref('stg_perimetres') }}
),

paires as (
    select
        vagues.vague,
        vagues.terrain_debut,
        precedentes.vague as vague_precedente,
        precedentes.terrain_debut as terrain_debut_precedent
    from vagues
    inner join vagues as precedentes
        on
            vagues.dispositif_code = precedentes.dispositif_code
            and vagues.ordre > precedentes.ordre
),

-- Un organisme partagé entre plusieurs successeurs est compté, entier, pour celui qui a repris la plus grande part.
successions as (
    select
        {{ prises('paires', paire) }},
        filiations.predecesseur,
        filiations.successeur,
        row_number() over (
            partition by {{ prises('paires', paire) }}, filiations.predecesseur
            order by filiations.part_parc desc, filiations.date_effet asc, filiations.successeur asc
        ) as rang
    from paires
    inner join filiations
        on
            filiations.date_effet > paires.terrain_debut_precedent
            and filiations.date_effet <= paires.terrain_debut
            and filiations.predecesseur <> filiations.successeur
),

origine_0 as (
    select
        {{ prises('paires', paire) }},
        participants.organisme_code,
        participants.organisme_code as organisme_actuel
    from paires
    inner join participants
        on paires.vague_precedente = participants.vague
),

{% for etape in range(1, profondeur + 1) -%}
origine_{{ etape }} as (
    select
        {{ prises('origines', paire) }},
        origines.organisme_code,
        coalesce(successions.successeur, origines.organisme_actuel) as organisme_actuel
    from origine_{{ etape - 1 }} as origines
    left join successions
        on
            {{ memes('origines', 'successions', paire) }}
            and origines.organisme_actuel = successions.predecesseur
            and successions.rang = 1
),

{% endfor -%}
-- Ce qui se compare à la vague précédente : le même organisme, ou à défaut ceux dont il est issu.
correspondances as (
    select
        *,
        'panel_constant' as methode
    from origine_0
    union all
    select
        *,
        'pro_forma' as methode
    from origine_{{ profondeur }}
),

-- Les attributs d'un organisme sont ceux d'aujourd'hui, de part et d'autre : un reclassement n'est pas une évolution.
comparables as (
    select
        correspondances.*,
        participants.valide_de
    from correspondances
    inner join participants
        on
            correspondances.vague = participants.vague
            and correspondances.organisme_actuel = participants.organisme_code
),

-- Partout, les colonnes de `comparables` dans leur ordre, puis la vague mesurée.
membres as (
    select
        vague,
        cast(null as {{ dbt.type_string() }}) as vague_precedente,
        organisme_code,
        organisme_code as organisme_actuel,
        'publie' as methode,
        valide_de,
        vague as vague_mesuree
    from participants
    union all
    select
        *,
        vague_precedente as vague_mesuree
    from comparables
    union all
    select distinct
        {{ paire | join(', ') }},
        organisme_actuel as organisme_code,
        organisme_actuel,
        methode,
        valide_de,
        vague as vague_mesuree
    from comparables
),

-- Un membre est de la région, de lui-même et des périmètres que le programme déclare, sauf de ceux dont il n'a pas le code.
situes as (
    select
        membres.*,
        'region' as perimetre_type,
        'region' as perimetre
    from membres
    union all
    select
        membres.*,
        'organisme' as perimetre_type,
        organisme_actuel as perimetre
    from membres
    union all
    select
        membres.*,
        declares.perimetre_type,
        declares.perimetre
    from membres
    inner join declares
        on
            -- de part et d'autre d'un couple, ce qui vaut à la plus récente des deux vagues
            membres.vague = declares.vague
            and membres.organisme_actuel = declares.organisme_code
            and membres.valide_de = declares.valide_de
),

perimetres as (
    select
        {{ cote | join(', ') }},
        vague_precedente,
        organisme_code,
        organisme_actuel
    from situes
    union all
    -- Ce qu'un organisme a en face de lui : la région sans lui.
    select
        'reste' as methode,
        participants.vague,
        participants.vague as vague_mesuree,
        'organisme' as perimetre_type,
        participants.organisme_code as perimetre,
        cast(null as {{ dbt.type_string() }}) as vague_precedente,
        autres.organisme_code,
        autres.organisme_code as organisme_actuel
    from participants
    inner join participants as autres
        on
            participants.vague = autres.vague
            and participants.organisme_code <> autres.organisme_code
),

-- Deux périmètres faits des mêmes organismes dans la même vague sont un seul ensemble, estimé une seule fois.
ensembles as (
    select
        {{ cote | join(', ') }},
        vague_precedente,
        {{ dbt.hash(liste_triee('organisme_code')) }} as ensemble
    from perimetres
    group by all
)

select
    perimetres.*,
    ensembles.ensemble
from perimetres
inner join ensembles
    on
        {{ memes('perimetres', 'ensembles', cote) }}
        and coalesce(perimetres.vague_precedente, '') = coalesce(ensembles.vague_precedente, '')
