{%- set paire = ['vague', 'vague_precedente'] -%}
{%- set cellule = ['axe', 'segment', 'question_code', 'mesure'] -%}
with recouvrements as (
    select * from {{ ref('stg_recouvrements') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

estimation as (
    select * from {{ ref('int_estimation') }}
    where {{ a_des_colonnes('mesure', 'evolution') }} or not {{ est_declaree('mesure') }}
),

moments as (
    select * from {{ ref('int_moments') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

couples as (
    select distinct {{ (paire + ['ensemble', 'ensemble_precedent']) | join(', ') }}
    from {{ ref('int_couples') }}
),

membres as (
    select distinct
        vague_mesuree as vague,
        ensemble,
        organisme_code
    from {{ ref('int_perimetres') }}
    where methode <> 'reste'
),

tailles as (
    select
        vague,
        organisme_code,
        cast(sum(nb_entretiens) as double) as n,
        cast(sum(population_representee) as double) as population
    from {{ ref('int_strates') }}
    group by all
),

-- De deux échantillons de n1 et n2 répondants d'une même population de N, dont c sont les mêmes, les moyennes ont pour corrélation celle des
-- réponses d'un répondant, fois (c / (n1 n2) - 1 / N) / √((1/n1 - 1/N) (1/n2 - 1/N)). Deux tirages indépendants en ont en moyenne
-- n1 n2 / N en commun, d'où rien.
communs as (
    select
        {{ prises('recouvrements', ['organisme_code'] + paire + ['correlation']) }},
        least(recouvrements.part * apres.n, avant.n) / sqrt(apres.n * avant.n) as communs,
        case when parametres.population_finie then apres.n / apres.population else 0.0 end as sondee,
        case when parametres.population_finie then avant.n / avant.population else 0.0 end as sondee_avant
    from recouvrements
    cross join parametres
    inner join tailles as apres
        on {{ memes('recouvrements', 'apres', ['organisme_code', 'vague']) }}
    inner join tailles as avant
        on
            recouvrements.organisme_code = avant.organisme_code
            and recouvrements.vague_precedente = avant.vague
),

liens as (
    select
        {{ (['organisme_code'] + paire) | join(', ') }},
        correlation * least(
            (communs - sqrt(sondee * sondee_avant)) / sqrt((1 - sondee) * (1 - sondee_avant)), 1
        ) as lien
    from communs
    where sondee < 1 and sondee_avant < 1
),

suivis as (
    select distinct
        organisme_code,
        vague
    from liens
    union
    select distinct
        organisme_code,
        vague_precedente as vague
    from liens
),

-- Ce que chaque organisme suivi apporte à la variance du chiffre imprimé d'un ensemble.
apports as (
    select
        {{ prises('estimation', ['vague', 'ensemble'] + cellule) }},
        suivis.organisme_code,
        sqrt(
            case parametres.estimateur_imprime
                when 'parc'
                    then
                        moments.variance_base_fixee * participants.parc / estimation.parc
                        * participants.parc / estimation.parc
                when 'organismes'
                    then moments.variance_base_fixee / (estimation.nb_organismes * estimation.nb_organismes)
                else {{ variance_taylor(
                    'moments.q0', 'moments.q1', 'moments.q2', 'moments.g0', 'moments.g2',
                    '(estimation.moyenne - moments.centre)', 'estimation.base_ponderee'
                ) }}
            end
        ) as erreur_type
    from suivis
    cross join parametres
    inner join membres
        on {{ memes('suivis', 'membres', ['vague', 'organisme_code']) }}
    inner join estimation
        on {{ memes('membres', 'estimation', ['vague', 'ensemble']) }}
    inner join moments
        on
            {{ memes('suivis', 'moments', ['vague', 'organisme_code']) }}
            and {{ memes('estimation', 'moments', cellule) }}
    inner join participants
        on {{ memes('suivis', 'participants', ['vague', 'organisme_code']) }}
),

covariances as (
    select
        {{ prises('couples', paire + ['ensemble', 'ensemble_precedent']) }},
        {{ prises('apres', cellule) }},
        {{ somme('liens.lien * apres.erreur_type * avant.erreur_type') }} as covariance
    from liens
    inner join couples
        on {{ memes('liens', 'couples', paire) }}
    inner join apports as apres
        on
            {{ memes('couples', 'apres', ['vague', 'ensemble']) }}
            and liens.organisme_code = apres.organisme_code
    inner join apports as avant
        on
            couples.vague_precedente = avant.vague
            and couples.ensemble_precedent = avant.ensemble
            and liens.organisme_code = avant.organisme_code
            and {{ memes('apres', 'avant', cellule) }}
    group by all
)

{{ projeter('covariances') }}
