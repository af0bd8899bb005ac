{%- set cle = ['vague', 'vague_precedente', 'axe', 'segment', 'question_code'] -%}
-- Les organismes sont comptés selon leurs verdicts, comptés de nouveau, là seulement où aucun ne se lit dans le compte ; une raison le
-- remplace ailleurs.
with evolutions as (
    select * from {{ ref('fct_evolution') }}
),

refaits as (
    select
        {{ cle | join(', ') }},
        count(case when verdict in ('hausse', 'hausse légère') then 1 end) as en_hausse,
        count(case when verdict = 'stable' then 1 end) as stables,
        count(case when verdict = 'non significatif' then 1 end) as non_significatifs,
        count(case when verdict in ('baisse', 'baisse légère') then 1 end) as en_baisse
    from {{ ref('int_evolution') }}
    where
        perimetre_type = 'organisme'
        and methode = 'publie'
        and statut = 'V'
    group by all
),

compares as (
    select
        evolutions.*,
        refaits.en_hausse,
        refaits.stables,
        refaits.non_significatifs,
        refaits.en_baisse,
        evolutions.organismes_en_hausse + evolutions.organismes_stables
        + evolutions.organismes_non_significatifs + evolutions.organismes_en_baisse as comptes,
        greatest(
            evolutions.organismes_en_hausse, evolutions.organismes_stables,
            evolutions.organismes_non_significatifs, evolutions.organismes_en_baisse
        ) as plus_grand,
        parametres.organismes_repartition,
        parametres.organismes_secrets
    from evolutions
    cross join {{ ref('stg_parametres') }} as parametres
    left join refaits
        on {{ memes('evolutions', 'refaits', cle) }}
)

select
    {{ (['methode', 'perimetre_type', 'perimetre'] + cle) | join(', ') }},
    comptes,
    motif_comptes_code
from compares
where
    (statut = 'V' and motif_comptes_code is null) <> (comptes is not null)
    or comptes < organismes_repartition
    or (organismes_secrets and plus_grand >= comptes - 1)
    or (
        comptes is not null
        and (
            perimetre_type <> 'region'
            or methode <> 'publie'
            or organismes_en_hausse <> coalesce(en_hausse, 0)
            or organismes_stables <> coalesce(stables, 0)
            or organismes_non_significatifs <> coalesce(non_significatifs, 0)
            or organismes_en_baisse <> coalesce(en_baisse, 0)
        )
    )
