{%- set case = ['vague', 'ensemble', 'axe', 'segment', 'question_code'] -%}
{%- set apport = ['vague', 'organisme_code', 'axe', 'segment', 'question_code'] -%}
{#- Un membre sait ce que les siens ont répondu, et l'ôte ; si aucun organisme n'est un lecteur dont on se garde, rien n'est ôté. -#}
{%- set membres_lisent = '(parametres.organismes_secrets and parametres.organismes_minimum > 2)' -%}
{%- set siens = '(case when ' ~ membres_lisent ~ ' then 1 else 0 end)' -%}
{%- set comptes = ['n', 'poids'] -%}
with estimation as (
    select * from {{ ref('int_estimation') }}
    where mesure = 'base'
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

contributions as (
    select * from {{ ref('int_secret_contributions') }}
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
        ) as rang,
        max(
            case
                when vus.perimetre_type = 'region' and vus.methode = 'publie' and axes.axe = 'ensemble' then 1
                else 0
            end
        ) = 1 as est_la_region
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
    where {{ axe_sort('vus.perimetre_type', 'axes.axe') }}
    group by vus.vague, vus.ensemble, axes.axe
),

membres as (
    select distinct
        vague_mesuree as vague,
        ensemble,
        organisme_code
    from perimetres
),

reponses_possibles as (
    select distinct
        question_code,
        mesure
    from contributions
    where mesure <> 'base'
),

-- De chaque organisme et de chaque réponse, satisfaits et insatisfaits compris : combien la donnent, et combien d'autres non.
partages as (
    select
        {{ prises('bases', apport) }},
        reponses_possibles.mesure,
        coalesce(contributions.n, 0) as n,
        bases.n - coalesce(contributions.n, 0) as autres_n,
        coalesce(contributions.poids, 0) as poids,
        bases.poids - coalesce(contributions.poids, 0) as autres_poids
    from contributions as bases
    inner join reponses_possibles
        on bases.question_code = reponses_possibles.question_code
    left join contributions
        on
            {{ memes('bases', 'contributions', apport) }}
            and reponses_possibles.mesure = contributions.mesure
    where bases.mesure = 'base'
),

-- Ce que compte le plus grand, ce que comptent tous, et tous sauf les trois plus grands.
tailles as (
    select
        {{ prises('membres', ['vague', 'ensemble']) }},
        {%- for compte in comptes %}
        {%- set un = 'contributions.' ~ compte %}
        max({{ un }}) as {{ compte }}_maximum,
        {{ somme(un) }} as {{ compte }}_de_tous,
        {{ somme(un) }} - {{ somme_des_plus_grands(un, 3) }} as {{ compte }}_des_petits,
        {%- endfor %}
        {{ prises('contributions', ['axe', 'segment', 'question_code']) }}
    from contributions
    inner join membres
        on {{ memes('contributions', 'membres', ['vague', 'organisme_code']) }}
    where contributions.mesure = 'base'
    group by all
),

par_reponse as (
    select
        {{ prises('membres', ['vague', 'ensemble']) }},
        {%- for compte in comptes %}
        {{ somme('partages.' ~ compte) }} as {{ compte }},
        max(partages.{{ compte }}) as {{ compte }}_maximum,
        max(partages.autres_{{ compte }}) as autres_{{ compte }}_maximum,
        {%- endfor %}
        {{ prises('partages', ['axe', 'segment', 'question_code', 'mesure']) }}
    from partages
    inner join membres
        on {{ memes('partages', 'membres', ['vague', 'organisme_code']) }}
    group by all
),

-- Une règle qu'on publie se lit aussi là où elle ne s'applique pas : d'une case publiée, « les autres sont au moins protection × les
-- plus nombreux » borne ce que chacun y a d'autres. La dernière condition fait qu'il en reste assez à savoir (ADR 48).
les_plus_dites as (
    select
        {{ prises('par_reponse', case) }},
        max(par_reponse.n) as n,
        max(
            case
                when not parametres.organismes_secrets then 0
                {%- for compte in comptes %}
                {%- set autres = '(tailles.' ~ compte ~ '_de_tous - par_reponse.' ~ compte ~ ')' %}
                {%- set protege = 'parametres.protection * par_reponse.' ~ compte ~ '_maximum' %}
                {#- L'arrondi : une différence de sommes égales n'est pas toujours nulle, et protéger de rien ne retiendrait pas rien. #}
                when
                    round({{ autres }} - {{ siens }} * par_reponse.autres_{{ compte }}_maximum, 6) < {{ protege }}
                    then 1
                when
                    {{ membres_lisent }}
                    and {{ autres }} + least(tailles.{{ compte }}_des_petits, {{ protege }})
                    + {{ part_cachee('tailles.n_de_tous') }} * tailles.{{ compte }}_de_tous
                    < {{ protege }} + 2 * parametres.protection * tailles.{{ compte }}_maximum
                    then 1
                {%- endfor %}
                else 0
            end
        ) = 1 as autres_connus
    from par_reponse
    inner join tailles
        on {{ memes('par_reponse', 'tailles', case) }}
    cross join parametres
    group by all
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
        {{ motif_cellule(
            'true', 'estimation.base_brute', 'estimation.nb_organismes', 'estimation.part_dominante', "'region'"
        ) }} as motif_seul,
        estimation.base_brute < parametres.base_unanime and round(les_plus_dites.n) >= estimation.base_brute as unanime,
        les_plus_dites.autres_connus,
        parametres.organismes_secrets,
        case
            when ensembles.est_la_region and estimation.nb_organismes >= parametres.organismes_plein_chiffre then 0
            else {{ part_cachee('estimation.base_brute') }} / 2
        end as jeu
    from estimation
    inner join ensembles
        on
            estimation.vague = ensembles.vague
            and estimation.ensemble = ensembles.ensemble
            and estimation.axe = ensembles.axe
    inner join les_plus_dites
        on {{ memes('estimation', 'les_plus_dites', case) }}
    cross join parametres
),

motives as (
    select
        *,
        -- dire que tous, ou presque tous, répondent de même serait dire ce qu'ils répondent : la raison est celle de toute déduction
        case
            when motif_seul is not null then motif_seul
            when unanime and not organismes_secrets then {{ motif('unanimite') }}
            when unanime or autres_connus then {{ motif('deduction_organisme') }}
        end as motif
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
    -- Une case de trop peu d'organismes, ou que l'un domine, n'est pas un secret elle-même : leurs résultats en sont. Celle où tous, ou
    -- presque tous, répondent de même en est un : la remplir à son pas près serait la publier.
    coalesce({{ motif_code('motif') }} in ('base_minimale', 'unanimite', 'deduction_organisme'), false) as secrete,
    -- la moitié de ce que l'arrondi cache : d'autres chiffres, les bornes d'un taux par exemple, disent la même case
    jeu
from motives
where base_brute > 0
