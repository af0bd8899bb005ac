{%- set case = ['vague', 'ensemble', 'axe', 'segment', 'question_code'] -%}
with estimation as (
    select * from {{ ref('int_estimation') }}
    where mesure = 'base'
),

satisfaits as (
    select * from {{ ref('int_estimation') }}
    where mesure = 'taux'
),

sorties as (
    select * from {{ ref('stg_sorties') }}
),

axes as (
    select distinct axe from {{ ref('stg_segments') }}
),

perimetres as (
    select *
    from {{ ref('int_perimetres') }}
    where perimetre_type <> 'organisme'
),

par_organisme as (
    select *
    from {{ ref('int_secret_contributions') }}
    where mesure not in ('reponses', 'poids')
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Ce que les fichiers régionaux montrent d'un ensemble d'organismes, par quelque méthode que ce soit, dans l'ordre du programme ; les
-- segments d'un axe qu'il ne nomme pas suivent tous les totaux.
ensembles as (
    select
        vus.vague,
        vus.ensemble,
        axes.axe,
        min(
            10 * coalesce(propres.rang, 1000 + totaux.rang)
            + case vus.methode when 'publie' then 0 when 'panel_constant' then 1 else 2 end
        ) as rang
    from (
        select distinct
            vague_mesuree as vague,
            ensemble,
            perimetre_type,
            methode
        from perimetres
    ) as vus
    cross join axes
    inner join sorties as totaux
        on
            vus.perimetre_type = totaux.perimetre_type
            and totaux.axe = 'ensemble'
    left join sorties as propres
        on
            vus.perimetre_type = propres.perimetre_type
            and axes.axe = propres.axe
    group by vus.vague, vus.ensemble, axes.axe
),

membres as (
    select distinct
        vague_mesuree as vague,
        ensemble,
        organisme_code
    from perimetres
),

par_modalite as (
    select
        membres.vague,
        membres.ensemble,
        par_organisme.axe,
        par_organisme.segment,
        par_organisme.question_code,
        par_organisme.mesure,
        {{ somme('par_organisme.valeur') }} as n
    from par_organisme
    inner join membres
        on
            par_organisme.vague = membres.vague
            and par_organisme.organisme_code = membres.organisme_code
    group by
        membres.vague,
        membres.ensemble,
        par_organisme.axe,
        par_organisme.segment,
        par_organisme.question_code,
        par_organisme.mesure
),

les_plus_dites as (
    select
        {{ case | join(', ') }},
        max(n) as n
    from par_modalite
    group by {{ case | join(', ') }}
),

jugees as (
    select
        estimation.vague,
        estimation.ensemble,
        ensembles.rang,
        estimation.axe,
        estimation.segment,
        estimation.question_code,
        estimation.base_brute,
        parametres.base_unanime,
        {{ motif_cellule(
            'true', 'estimation.base_brute', 'estimation.nb_organismes', 'estimation.part_dominante', "'region'"
        ) }} as motif_seul,
        estimation.base_brute < parametres.base_unanime
        and (
            round(les_plus_dites.n) >= estimation.base_brute
            or coalesce(satisfaits.effectif in (0, estimation.base_brute), false)
        ) as unanime
    from estimation
    inner join ensembles
        on
            estimation.vague = ensembles.vague
            and estimation.ensemble = ensembles.ensemble
            and estimation.axe = ensembles.axe
    inner join les_plus_dites
        on {{ memes('estimation', 'les_plus_dites', case) }}
    left join satisfaits
        on {{ memes('estimation', 'satisfaits', case) }}
    cross join parametres
),

motives as (
    select
        *,
        case when motif_seul is null and unanime then {{ motif('unanimite') }} else motif_seul end as motif
    from jugees
)

select
    vague,
    ensemble,
    rang,
    axe,
    segment,
    question_code,
    base_brute,
    {{ statut_motif('motif') }} as statut,
    motif,
    -- une case de trop peu d'organismes, ou que l'un domine, n'est pas un secret elle-même : leurs résultats en sont
    coalesce({{ motif_code('motif') }} not in ('organismes_minimum', 'dominance'), false) as secrete
from motives
where base_brute > 0
