{%- set mesures = ['note', 'taux', 'tres_satisfaits', 'tres_insatisfaits', 'nps'] -%}
{#- Ce qui s'additionne d'un organisme à l'autre : nom, expression, et mesure sans laquelle la somme est vide. -#}
{%- set parc = 'participants.parc' -%}
{%- set termes = [('parc', parc, none)] -%}
{%- for nom in ['n', 'w', 'w2', 'q2', 'g2'] -%}
{%- do termes.append((nom, 'moments.' ~ nom, none)) -%}
{%- endfor -%}
{%- for m in mesures -%}
{%- for nom in ['n_' ~ m, 'w_' ~ m, m ~ '_q0', m ~ '_q1', m ~ '_g0'] -%}
{%- do termes.append((nom, 'moments.' ~ nom, m)) -%}
{%- endfor -%}
{%- endfor -%}
{%- for nom, m in [('note_wd', 'note'), ('note_wdd', 'note'), ('w_promoteurs', 'nps')] -%}
{%- do termes.append((nom, 'moments.' ~ nom, m)) -%}
{%- endfor -%}
{%- set parc_carre = 'cast(' ~ parc ~ ' as double) * ' ~ parc -%}
{%- for m in mesures[:2] -%}
{%- do termes.append((m ~ '_organismes', 'moments.w_' ~ m ~ ' / moments.w', m)) -%}
{%- do termes.append((m ~ '_parc', parc ~ ' * moments.w_' ~ m ~ ' / moments.w', m)) -%}
{%- do termes.append((m ~ '_organismes_variance', 'moments.' ~ m ~ '_variance', m)) -%}
{%- do termes.append((m ~ '_parc_variance', parc_carre ~ ' * moments.' ~ m ~ '_variance', m)) -%}
{%- endfor -%}
{%- set effectifs = ['nb_organismes', 'nb_strates', 'nb_strates_reunies'] -%}
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
        vague_mesuree as vague,
        ensemble,
        organisme_code
    from perimetres
    where methode <> 'reste'
),

ensembles as (
    select distinct
        vague,
        ensemble
    from membres
),

regions as (
    select distinct
        vague,
        ensemble
    from perimetres
    where
        methode = 'publie'
        and perimetre_type = 'region'
),

-- La région sans un organisme, sauf si c'est aussi un autre périmètre.
restes as (
    select distinct
        perimetres.vague,
        perimetres.ensemble,
        regions.ensemble as ensemble_region,
        perimetres.perimetre as organisme_code
    from perimetres
    inner join regions
        on perimetres.vague = regions.vague
    left join ensembles
        on
            perimetres.vague = ensembles.vague
            and perimetres.ensemble = ensembles.ensemble
    where
        perimetres.methode = 'reste'
        and ensembles.ensemble is null
),

par_organisme as (
    select
        moments.vague,
        moments.organisme_code,
        moments.axe,
        moments.segment,
        moments.question_code,
        moments.w as poids,
        cast(1 as bigint) as nb_organismes,
        cast(moments.nb_strates as bigint) as nb_strates,
        cast(moments.nb_strates_reunies as bigint) as nb_strates_reunies,
        {%- for m in mesures %}
        moments.{{ m }}_centre,
        cast(case when moments.w_{{ m }} is null then 0 else 1 end as bigint) as nb_{{ m }},
        {%- endfor %}
        {%- for nom, expression, m in termes %}
        {{ virgule_fixe(expression) }} as {{ nom }},
        {%- endfor %}
        row_number() over (
            partition by moments.vague, moments.axe, moments.segment, moments.question_code
            order by moments.w desc, moments.organisme_code asc
        ) as rang
    from moments
    inner join participants
        on
            moments.vague = participants.vague
            and moments.organisme_code = participants.organisme_code
),

additions as (
    select
        membres.vague,
        membres.ensemble,
        par_organisme.axe,
        par_organisme.segment,
        par_organisme.question_code,
        {%- for nom in effectifs %}
        cast(sum(par_organisme.{{ nom }}) as bigint) as {{ nom }},
        {%- endfor %}
        {%- for m in mesures %}
        min(par_organisme.{{ m }}_centre) as {{ m }}_centre,
        cast(sum(par_organisme.nb_{{ m }}) as bigint) as nb_{{ m }},
        {%- endfor %}
        {%- for nom, expression, m in termes %}
        sum(par_organisme.{{ nom }}) as {{ nom }},
        {%- endfor %}
        max(par_organisme.poids) as w_dominant
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
        par_organisme.question_code
),

-- Les sommes de la région moins celles de l'organisme : additionner tous les autres pour chacun ferait croître le travail
-- comme le carré de leur nombre. En virgule fixe, c'est le même nombre.
soustractions as (
    select
        restes.vague,
        restes.ensemble,
        additions.axe,
        additions.segment,
        additions.question_code,
        {%- for nom in effectifs %}
        additions.{{ nom }} - coalesce(siens.{{ nom }}, 0) as {{ nom }},
        {%- endfor %}
        {%- for m in mesures %}
        additions.{{ m }}_centre,
        additions.nb_{{ m }} - coalesce(siens.nb_{{ m }}, 0) as nb_{{ m }},
        {%- endfor %}
        {%- for nom, expression, m in termes %}
        {{ reste_de(nom, m) }} as {{ nom }},
        {%- endfor %}
        case when siens.rang = 1 then seconds.poids else additions.w_dominant end as w_dominant
    from restes
    inner join additions
        on
            restes.vague = additions.vague
            and restes.ensemble_region = additions.ensemble
    left join par_organisme as siens
        on
            restes.vague = siens.vague
            and restes.organisme_code = siens.organisme_code
            and additions.axe = siens.axe
            and additions.segment = siens.segment
            and additions.question_code = siens.question_code
    left join par_organisme as seconds
        on
            additions.vague = seconds.vague
            and additions.axe = seconds.axe
            and additions.segment = seconds.segment
            and additions.question_code = seconds.question_code
            and seconds.rang = 2
    where additions.nb_organismes > coalesce(siens.nb_organismes, 0)
),

en_virgule_fixe as (
    select * from additions
    union all
    select * from soustractions
),

sommes as (
    select
        vague,
        ensemble,
        axe,
        segment,
        question_code,
        nb_organismes,
        nb_strates,
        nb_strates_reunies,
        {%- for m in mesures %}
        {{ m }}_centre,
        {%- endfor %}
        {%- for nom, expression, m in termes %}
        {{ de_virgule_fixe(nom) }} as {{ nom }},
        {%- endfor %}
        w_dominant
    from en_virgule_fixe
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
