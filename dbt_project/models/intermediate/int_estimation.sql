{%- set mesures = ['note', 'taux', 'tres_satisfaits', 'tres_insatisfaits', 'nps'] -%}
with moments as (
    select * from {{ ref('int_moments') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

membres as (
    select distinct
        perimetres.vague_mesuree as vague,
        perimetres.ensemble,
        perimetres.organisme_code,
        participants.parc
    from perimetres
    inner join participants
        on
            perimetres.vague_mesuree = participants.vague
            and perimetres.organisme_code = participants.organisme_code
),

sommes as (
    select
        membres.vague,
        membres.ensemble,
        moments.axe,
        moments.segment,
        moments.question_code,
        cast(count(*) as bigint) as nb_organismes,
        cast(sum(moments.nb_strates) as bigint) as nb_strates,
        cast(sum(moments.nb_strates_reunies) as bigint) as nb_strates_reunies,
        {{ somme('moments.n') }} as n,
        {{ somme('moments.w') }} as w,
        {{ somme('moments.w2') }} as w2,
        {{ somme('moments.q2') }} as q2,
        {{ somme('moments.g2') }} as g2,
        max(moments.w) as w_dominant,
        {%- for m in mesures %}
        {%- for somme_de in ['n_' ~ m, 'w_' ~ m, m ~ '_q0', m ~ '_q1', m ~ '_g0'] %}
        {{ somme('moments.' ~ somme_de) }} as {{ somme_de }},
        {%- endfor %}
        min(moments.{{ m }}_centre) as {{ m }}_centre,
        {%- endfor %}
        {{ somme('moments.note_wd') }} as note_wd,
        {{ somme('moments.note_wdd') }} as note_wdd,
        {{ somme('moments.w_promoteurs') }} as w_promoteurs,
        {%- for m in mesures[:2] %}
        {{ somme('moments.w_' ~ m ~ ' / moments.w') }} as {{ m }}_organismes,
        {{ somme('membres.parc * moments.w_' ~ m ~ ' / moments.w') }} as {{ m }}_parc,
        {{ somme('moments.' ~ m ~ '_variance') }} as {{ m }}_organismes_variance,
        {{ somme('cast(membres.parc as double) * membres.parc * moments.' ~ m ~ '_variance') }}
            as {{ m }}_parc_variance,
        {%- endfor %}
        {{ somme('membres.parc') }} as parc
    from moments
    inner join membres
        on
            moments.vague = membres.vague
            and moments.organisme_code = membres.organisme_code
    group by
        membres.vague,
        membres.ensemble,
        moments.axe,
        moments.segment,
        moments.question_code
),

moyennes as (
    select
        {%- for m in mesures %}
        w_{{ m }} / w as {{ m }}_moyenne,
        {%- endfor %}
        *
    from sommes
    where w > 0
),

variances as (
    select
        *,
        {%- for m in mesures %}
        {{ variance_taylor(
            m ~ '_q0', m ~ '_q1', 'q2', m ~ '_g0', 'g2', '(' ~ m ~ '_moyenne - ' ~ m ~ '_centre)', 'w'
        ) }} as {{ m }}_variance,
        {%- endfor %}
        -- Σw(y - ȳ)², d'où la variance d'un sondage simple avec remise de même taille
        note_wdd - note_wd * note_wd / w as note_dispersion,
        w * taux_moyenne * (1 - taux_moyenne) as taux_dispersion
    from moyennes
),

estimations as (
    select
        vague,
        ensemble,
        axe,
        segment,
        question_code,
        nb_organismes,
        cast(round(n) as bigint) as base_brute,
        w as base_ponderee,
        w * w / w2 as base_efficace,
        -- unités primaires moins strates du domaine, comme degf() de survey ; au moins 1
        cast(greatest(round(n) - nb_strates, 1) as bigint) as ddl,
        nb_strates,
        nb_strates_reunies > 0 as strates_reunies,
        w_dominant / w as part_dominante,
        note_moyenne,
        sqrt(note_variance) as note_erreur_type,
        case when note_dispersion > 1e-12 * w then note_variance * (n - 1) * w / note_dispersion end as note_effet_plan,
        n_note / n as note_non_ponderee,
        note_organismes / nb_organismes as note_moyenne_organismes,
        sqrt(note_organismes_variance) / nb_organismes as note_moyenne_organismes_erreur_type,
        note_parc / parc as note_moyenne_parc,
        sqrt(note_parc_variance) / parc as note_moyenne_parc_erreur_type,
        w_note as note_somme,
        taux_moyenne as taux_satisfaits,
        sqrt(taux_variance) as taux_erreur_type,
        case when taux_dispersion > 1e-12 * w then taux_variance * (n - 1) * w / taux_dispersion end as taux_effet_plan,
        g2 / (w * w) as variance_limite,
        n_taux / n as taux_non_pondere,
        taux_organismes / nb_organismes as taux_moyenne_organismes,
        sqrt(taux_organismes_variance) / nb_organismes as taux_moyenne_organismes_erreur_type,
        taux_parc / parc as taux_moyenne_parc,
        sqrt(taux_parc_variance) / parc as taux_moyenne_parc_erreur_type,
        cast(round(n_taux) as bigint) as effectif_satisfaits,
        w_taux as poids_satisfaits,
        tres_satisfaits_moyenne as part_tres_satisfaits,
        sqrt(tres_satisfaits_variance) as part_tres_satisfaits_erreur_type,
        n_tres_satisfaits / n as part_tres_satisfaits_non_ponderee,
        tres_insatisfaits_moyenne as part_tres_insatisfaits,
        sqrt(tres_insatisfaits_variance) as part_tres_insatisfaits_erreur_type,
        n_tres_insatisfaits / n as part_tres_insatisfaits_non_ponderee,
        w_promoteurs / w as part_promoteurs,
        -- promoteurs moins détracteurs font le score : les deux autres parts en découlent
        w_promoteurs / w - nps_moyenne as part_detracteurs,
        1 - 2 * w_promoteurs / w + nps_moyenne as part_passifs,
        100 * nps_moyenne as nps,
        100 * sqrt(nps_variance) as nps_erreur_type,
        100 * n_nps / n as nps_non_pondere
    from variances
)

select
    estimations.*,
    {{ imprime('note_moyenne', 'note_moyenne') }} as note_imprimee,
    {{ imprime('note_erreur_type', 'note_moyenne', '_erreur_type') }} as note_imprimee_erreur_type,
    {{ imprime('taux_satisfaits', 'taux_moyenne') }} as taux_imprime,
    {{ imprime('taux_erreur_type', 'taux_moyenne', '_erreur_type') }} as taux_imprime_erreur_type
from estimations
cross join parametres
