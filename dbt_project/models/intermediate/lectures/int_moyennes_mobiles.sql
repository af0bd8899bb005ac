{#- Autant de périodes qu'il en faut pour une année de trimestres ; une petite base d'un trimestre y devient une base d'un an. -#}
{%- set periodes = 4 -%}
{%- set perimetre = ['perimetre_type', 'perimetre'] -%}
{%- set cellule = ['vague'] + perimetre + ['question_code'] -%}
with vagues as (
    select
        vague,
        row_number() over (partition by dispositif_code order by ordre) as rang,
        dispositif_code
    from {{ ref('stg_vagues') }}
    where not est_principale
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

satisfaction as (
    select *
    from {{ ref('int_satisfaction') }}
    where axe = 'ensemble' and perimetre_type in ('region', 'organisme')
),

estimation as (
    select *
    from {{ ref('int_estimation') }}
    where axe = 'ensemble' and mesure in ('base', 'note', 'taux')
),

comparabilite as (
    select * from {{ ref('int_comparabilite') }}
),

couples as (
    select * from {{ ref('int_couples') }}
    where methode = 'publie'
),

-- Ce que les entretiens d'un périmètre représentent à chaque période : le plan le dit, et aucune réponse n'y entre.
poids as (
    select
        membres.vague,
        membres.ensemble,
        cast(sum(strates.population_representee) as double) as poids
    from (
        select distinct
            vague,
            ensemble,
            organisme_code
        from {{ ref('int_perimetres') }}
        where methode = 'publie'
    ) as membres
    inner join {{ ref('int_strates') }} as strates
        on {{ memes('membres', 'strates', ['vague', 'organisme_code']) }}
    group by membres.vague, membres.ensemble
),

fenetres as (
    select
        fins.vague,
        membres.vague as vague_mesuree,
        membres.rang,
        fins.rang - membres.rang as recul
    from vagues as fins
    inner join vagues as membres
        on
            fins.dispositif_code = membres.dispositif_code
            and membres.rang between fins.rang - {{ periodes - 1 }} and fins.rang
    where fins.rang >= {{ periodes }}
),

-- Une question qui a une note se lit sur elle, les autres sur leur taux, comme les verdicts.
mesurees as (
    select
        {{ prises('satisfaction', cellule) }},
        case when notes.question_code is not null then 'note' else 'taux' end as mesure
    from satisfaction
    left join estimation as notes
        on
            {{ memes('satisfaction', 'notes', ['vague', 'ensemble', 'question_code']) }}
            and notes.mesure = 'note'
    left join estimation as taux
        on
            {{ memes('satisfaction', 'taux', ['vague', 'ensemble', 'question_code']) }}
            and taux.mesure = 'taux'
    where satisfaction.statut <> 'Z' and (notes.question_code is not null or taux.question_code is not null)
),

lues as (
    select
        {{ prises('mesurees', cellule + ['mesure']) }},
        fenetres.vague_mesuree,
        fenetres.rang,
        fenetres.recul,
        poids.poids,
        bases.base_brute,
        bases.base_efficace,
        bases.base_verdict,
        bases.ddl,
        bases.variance_limite,
        valeurs.imprimee,
        valeurs.imprimee_erreur_type as erreur,
        case when periodes.statut = 'V' then 0 else 1 end as masquee,
        coalesce(
            periodes.statut = 'V' or periodes.motif_code in ('base_minimale', 'base_efficace'), false
        ) as par_sa_base,
        coalesce(
            valeurs.imprimee is not null
            and poids.poids > 0
            and (
                fenetres.recul = 0
                or (
                    not comparabilite.rupture
                    and (couples.meme_mode or not parametres.meme_mode_exige)
                    and (couples.meme_institut or not parametres.meme_institut_exige)
                    and (couples.meme_bareme or not parametres.meme_bareme_exige or mesurees.mesure = 'taux')
                )
            ), false
        ) as comparable
    from mesurees
    cross join parametres
    inner join fenetres
        on mesurees.vague = fenetres.vague
    left join satisfaction as periodes
        on
            fenetres.vague_mesuree = periodes.vague
            and {{ memes('mesurees', 'periodes', perimetre + ['question_code']) }}
    left join estimation as bases
        on
            {{ memes('periodes', 'bases', ['vague', 'ensemble', 'question_code']) }}
            and bases.mesure = 'base'
    left join estimation as valeurs
        on
            {{ memes('periodes', 'valeurs', ['vague', 'ensemble', 'question_code']) }}
            and mesurees.mesure = valeurs.mesure
    left join poids
        on {{ memes('periodes', 'poids', ['vague', 'ensemble']) }}
    left join comparabilite
        on
            {{ memes('mesurees', 'comparabilite', ['vague', 'question_code']) }}
            and fenetres.vague_mesuree = comparabilite.vague_precedente
    left join couples
        on
            {{ memes('mesurees', 'couples', ['vague'] + perimetre) }}
            and fenetres.vague_mesuree = couples.vague_precedente
),

parts as (
    select
        *,
        poids / {{ somme('poids', '(partition by ' ~ cellule | join(', ') ~ ')') }} as part
    from lues
),

-- Les périodes sont des échantillons indépendants : leurs variances s'additionnent, chacune au carré de sa part.
sommes as (
    select
        {{ (cellule + ['mesure']) | join(', ') }},
        min_by(vague_mesuree, rang) as premiere_periode,
        min(case when comparable then 1 else 0 end) = 1 as comparables,
        min(case when par_sa_base then 1 else 0 end) = 1 as masquees_par_leur_base,
        max(masquee) as une_masquee,
        min(case when recul in (0, {{ periodes - 1 }}) then masquee end) as bouts_masques,
        cast(sum(base_brute) as bigint) as base_brute,
        cast(min(base_brute) as bigint) as base_moindre,
        min(base_verdict) as base_verdict_moindre,
        1 / {{ somme('part * part / nullif(base_efficace, 0)') }} as base_efficace,
        {{ somme('part * imprimee') }} as moyenne,
        sqrt({{ somme('part * part * erreur * erreur') }}) as erreur,
        {{ somme('part * part * variance_limite') }} as limite,
        {{ somme(carre_de_variance('part * part * variance_limite', 'ddl')) }} as carres,
        cast(sum(ddl) as bigint) - {{ periodes - 1 }} as ddl_du_plan
    from parts
    group by all
),

mesures as (
    select
        *,
        {{ ddl_satterthwaite('ddl_du_plan', 'limite', 'carres') }} as ddl
    from sommes
),

-- Un chiffre de quatre périodes, moins celles qui sont publiées, dirait celle qui ne l'est pas. D'une région, dont les organismes sont des
-- secrets, les quatre sont donc publiées. Ailleurs, ou bien les quatre le sont, ou bien la première et la dernière sont masquées, et par
-- leur base seulement : toute combinaison de tels chiffres garde alors deux périodes masquées, et aucune ne s'en déduit (ADR 77).
jugees as (
    select
        mesures.*,
        quantile_student(parametres.confiance, mesures.ddl) as t,
        mesures.base_verdict_moindre = 0
        or least(mesures.base_brute, round(mesures.base_efficace), mesures.ddl)
        < parametres.base_fragile as intervalle_indicatif,
        case
            when not mesures.comparables then {{ motif('periodes_incompletes', periodes) }}
            when mesures.base_brute < parametres.base_minimale
                then {{ motif('base_minimale', 'parametres.base_minimale') }}
            when round(mesures.base_efficace) < parametres.base_minimale
                then {{ motif('base_efficace', 'parametres.base_minimale') }}
            when mesures.une_masquee = 0 then null
            when mesures.perimetre_type <> 'organisme' and parametres.organismes_secrets
                then {{ motif('periodes_masquees', periodes) }}
            when not mesures.masquees_par_leur_base or mesures.bouts_masques = 0
                then {{ motif('periodes_masquees', periodes) }}
        end as motif
    from mesures
    cross join parametres
),

bornees as (
    select
        *,
        moyenne as valeur,
        {%- for borne, signe in [('ic_bas', -1), ('ic_haut', 1)] %}
        case mesure
            when 'note' then moyenne + {{ signe }} * t * erreur
            else {{ borne_wilson('moyenne', c_wilson('t', 'moyenne', 'erreur', 'limite', 'ddl'), signe) }}
        end as {{ borne }},
        {%- endfor %}
        {{ statut_motif('motif') }} as statut,
        {{ colonnes_motif('motif') }}
    from jugees
)

{{ masquer('bornees', pour='fct_moyenne_mobile', aussi=['base_moindre']) }}
