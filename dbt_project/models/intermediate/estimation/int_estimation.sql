{#- Ce qui s'additionne d'un organisme à l'autre : nom de la somme, et ce que chaque organisme y apporte. -#}
{%- set parc = 'participants.parc' -%}
{%- set termes = {
    'parc': parc,
    'n': 'moments.n',
    'u': 'moments.u',
    'w': 'moments.w',
    'w2_efficace': 'moments.w2_efficace',
    'ny': 'moments.ny',
    'wy': 'moments.wy',
    'wdd': 'moments.wdd',
    'q0': 'moments.q0',
    'q1': 'moments.q1',
    'q2': 'moments.q2',
    'g0': 'moments.g0',
    'g2': 'moments.g2',
    'g2_esseulees': 'moments.g2_esseulees',
    'g2_absentes': 'moments.g2_absentes',
    'g4': 'moments.g4',
    'moyennes': 'moments.wy / moments.w',
    'moyennes_parc': parc ~ ' * moments.wy / moments.w',
    'variances': 'moments.variance_base_fixee',
    'variances_parc': 'cast(' ~ parc ~ ' as double) * ' ~ parc ~ ' * moments.variance_base_fixee',
} -%}
{%- set effectifs = ['nb_organismes', 'nb_strates', 'nb_strates_reunies'] -%}
{%- set cle = ['vague', 'axe', 'segment', 'question_code', 'mesure'] -%}
{%- set ensemble = ['vague', 'ensemble'] -%}
{%- set additives = effectifs + termes.keys() | list -%}
{#- Ce qu'est la somme de plusieurs organismes, dont `lignes` a les lignes. -#}
{%- set additions -%}
min(lignes.centre) as centre,
{%- for nom in effectifs %}
cast(sum(lignes.{{ nom }}) as bigint) as {{ nom }},
{%- endfor %}
{%- for nom in termes %}
sum(lignes.{{ nom }}) as {{ nom }},
{%- endfor %}
max(lignes.poids) as poids_dominant
{%- endset -%}
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
    select
        vague_mesuree as vague,
        ensemble,
        organisme_code,
        count(*) over (partition by vague_mesuree, ensemble) as taille
    from perimetres
    where methode <> 'reste'
    group by vague_mesuree, ensemble, organisme_code
),

ensembles as (
    select distinct {{ ensemble | join(', ') }}
    from membres
),

regions as (
    select distinct {{ ensemble | join(', ') }}
    from perimetres
    where
        methode = 'publie'
        and perimetre_type = 'region'
),

-- La région sans un organisme, sauf si c'est aussi un autre périmètre.
restes as (
    select distinct
        {{ prises('perimetres', ensemble) }},
        regions.ensemble as ensemble_region,
        perimetres.perimetre as organisme_code
    from perimetres
    inner join regions
        on perimetres.vague = regions.vague
    left join ensembles
        on {{ memes('perimetres', 'ensembles', ensemble) }}
    where
        perimetres.methode = 'reste'
        and ensembles.ensemble is null
),

par_organisme as (
    select
        {{ prises('moments', cle + ['organisme_code', 'centre', 'nb_strates', 'nb_strates_reunies']) }},
        moments.w as poids,
        {%- for nom, expression in termes.items() %}
        {{ virgule_fixe(expression) }} as {{ nom }},
        {%- endfor %}
        cast(1 as bigint) as nb_organismes
    from moments
    inner join participants
        on {{ memes('moments', 'participants', ['vague', 'organisme_code']) }}
),

-- Un organisme seul est déjà sa somme ; ce sont presque tous les ensembles d'une vague nationale.
copies as (
    select
        {{ prises('par_organisme', cle) }},
        membres.ensemble,
        par_organisme.centre,
        {{ prises('par_organisme', additives) }},
        par_organisme.poids as poids_dominant
    from par_organisme
    inner join membres
        on {{ memes('par_organisme', 'membres', ['vague', 'organisme_code']) }}
    where membres.taille = 1
),

additions as (
    select
        {{ prises('lignes', cle) }},
        membres.ensemble,
        {{ additions }}
    from par_organisme as lignes
    inner join membres
        on {{ memes('lignes', 'membres', ['vague', 'organisme_code']) }}
    where membres.taille > 1
    group by all
),

-- Le reste de la région n'est lu que pour sa base et ce qui s'y compare.
comparees as (
    select *
    from par_organisme
    where mesure = 'base' or {{ a_des_colonnes('mesure', 'comparaison') }}
),

rangs as (
    select
        *,
        row_number() over (partition by {{ cle | join(', ') }} order by poids desc, organisme_code asc) as rang
    from comparees
),

-- Additionnées à part : un moteur garderait en mémoire toutes les additions s'il les lisait deux fois.
totaux as (
    select
        {{ prises('lignes', cle) }},
        membres.ensemble,
        {{ additions }}
    from comparees as lignes
    inner join membres
        on {{ memes('lignes', 'membres', ['vague', 'organisme_code']) }}
    inner join regions
        on {{ memes('membres', 'regions', ensemble) }}
    group by all
),

-- Les sommes de la région moins celles de l'organisme : additionner tous les autres pour chacun ferait croître le travail
-- comme le carré de leur nombre. En virgule fixe, c'est le même nombre.
soustractions as (
    select
        {{ prises('totaux', cle) }},
        restes.ensemble,
        totaux.centre,
        {%- for nom in additives %}
        totaux.{{ nom }} - coalesce(siens.{{ nom }}, 0) as {{ nom }},
        {%- endfor %}
        case
            when siens.organisme_code = premiers.organisme_code then seconds.poids
            else totaux.poids_dominant
        end as poids_dominant
    from restes
    inner join totaux
        on
            restes.vague = totaux.vague
            and restes.ensemble_region = totaux.ensemble
    left join comparees as siens
        on
            restes.organisme_code = siens.organisme_code
            and {{ memes('totaux', 'siens', cle) }}
    {%- for alias in ['premiers', 'seconds'] %}
    left join rangs as {{ alias }}
        on
            {{ alias }}.rang = {{ loop.index }}
            and {{ memes('totaux', alias, cle) }}
    {%- endfor %}
    where totaux.nb_organismes > coalesce(siens.nb_organismes, 0)
),

en_virgule_fixe as (
    select * from copies
    union all
    select * from additions
    union all
    select * from soustractions
),

sommes as (
    select
        {{ (cle + ['ensemble', 'centre'] + effectifs) | join(', ') }},
        {%- for nom in termes %}
        {{ de_virgule_fixe(nom) }} as {{ nom }},
        {%- endfor %}
        poids_dominant
    from en_virgule_fixe
),

variances as (
    select
        *,
        wy / w as moyenne,
        {{ variance_taylor('q0', 'q1', 'q2', 'g0', 'g2', '(wy / w - centre)', 'w') }} as variance,
        -- Σw(y - ȳ)², d'où la variance d'un sondage simple avec remise de même taille
        wdd - w * (wy / w - centre) * (wy / w - centre) as dispersion
    from sommes
    where w > 0
),

estimations as (
    select
        *,
        cast(round(n) as bigint) as base_brute,
        w as base_ponderee,
        w * w / w2_efficace as base_efficace,
        -- en milliers, comme g4
        {{ ddl_satterthwaite('round(u) - nb_strates', 'g2 / 1000', 'g4') }} as ddl,
        nb_strates_reunies > 0 as strates_reunies,
        case
            when g2 + g2_absentes > 0 then (g2_esseulees + g2_absentes) / (g2 + g2_absentes)
            else 0.0
        end as part_esseulee,
        poids_dominant / w as part_dominante,
        sqrt(variance) as erreur_type,
        case when dispersion > 1e-12 * w then variance * (n - 1) * w / dispersion end as effet_plan,
        g2 / (w * w) as variance_limite,
        q2 / (w * w) as variance_base,
        ny / n as moyenne_non_ponderee,
        moyennes / nb_organismes as moyenne_organismes,
        sqrt(variances) / nb_organismes as moyenne_organismes_erreur_type,
        moyennes_parc / parc as moyenne_parc,
        sqrt(variances_parc) / parc as moyenne_parc_erreur_type,
        cast(round(ny) as bigint) as effectif,
        wy as somme
    from variances
),

-- Celui des trois chiffres d'un ensemble que le programme imprime : le domaine, ou une moyenne des chiffres des organismes.
imprimees as (
    select
        estimations.*,
        case
            when estimations.part_esseulee > parametres.strates_esseulees_maximum then cast(0 as bigint)
            else
                least(
                    estimations.base_brute, cast(round(estimations.base_efficace) as bigint), estimations.ddl
                )
        end as base_verdict,
        case parametres.estimateur_imprime
            when 'parc' then estimations.moyenne_parc
            when 'organismes' then estimations.moyenne_organismes
            else estimations.moyenne
        end as imprimee,
        case parametres.estimateur_imprime
            when 'parc' then estimations.moyenne_parc_erreur_type
            when 'organismes' then estimations.moyenne_organismes_erreur_type
            else estimations.erreur_type
        end as imprimee_erreur_type
    from estimations
    cross join parametres
)

{{ projeter('imprimees') }}
