-- La pente de la droite des moindres carrés par les chiffres imprimés de trois vagues au moins, chacun comptant autant, son erreur, et le
-- verdict sur ce que la droite fait de la première vague à celle-ci.
with satisfaction as (
    select *
    from {{ ref('int_satisfaction') }}
    where perimetre_type = 'region' and axe = 'ensemble'
),

evolution as (
    select *
    from {{ ref('int_evolution') }}
    where perimetre_type = 'region' and axe = 'ensemble' and methode = 'publie' and statut = 'V'
),

vagues as (
    select * from {{ ref('stg_vagues') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

recouvrements as (
    select * from {{ ref('int_recouvrements') }}
    where axe = 'ensemble'
),

reperes as (
    select
        vague,
        question_code,
        mesure,
        vague_precedente as repere
    from evolution
    where verdict not in ('nouveau', 'non comparable')
    union
    select
        vague,
        question_code,
        mesure,
        vague as repere
    from evolution
    where verdict not in ('nouveau', 'non comparable')
),

reperes_dates as (
    select
        reperes.vague,
        reperes.question_code,
        reperes.mesure,
        reperes.repere,
        satisfaction.ensemble,
        year(vagues.terrain_debut) + (month(vagues.terrain_debut) - 1) / cast(12 as double) as annee,
        satisfaction.nb_organismes,
        satisfaction.base_brute,
        case reperes.mesure when 'note' then satisfaction.note_imprimee else satisfaction.taux_imprime end as chiffre,
        case reperes.mesure
            when 'note' then satisfaction.note_imprimee_erreur_type
            else satisfaction.taux_imprime_erreur_type
        end as erreur_du_chiffre,
        satisfaction.ddl,
        satisfaction.base_verdict
    from reperes
    inner join vagues
        on reperes.repere = vagues.vague
    inner join satisfaction
        on
            reperes.repere = satisfaction.vague
            and reperes.question_code = satisfaction.question_code
),

reperes_centres as (
    select
        *,
        annee - avg(annee) over (partition by vague, question_code) as depuis_le_milieu
    from reperes_dates
),

reperes_peses as (
    select
        *,
        depuis_le_milieu * depuis_le_milieu * erreur_du_chiffre * erreur_du_chiffre as part_de_variance
    from reperes_centres
),

-- Des répondants ont pu répondre à deux de ces vagues.
croises as (
    select
        {{ prises('deux', ['vague', 'question_code']) }},
        {{ somme('deux.depuis_le_milieu * un.depuis_le_milieu * recouvrements.covariance') }} as covariances
    from reperes_peses as deux
    inner join reperes_peses as un
        on {{ memes('deux', 'un', ['vague', 'question_code']) }}
    inner join recouvrements
        on
            {{ memes('deux', 'recouvrements', ['question_code', 'mesure', 'ensemble']) }}
            and deux.repere = recouvrements.vague
            and un.repere = recouvrements.vague_precedente
            and un.ensemble = recouvrements.ensemble_precedent
    group by all
),

pentes as (
    select
        vague,
        question_code,
        mesure,
        count(*) as nb_vagues,
        max(annee) - min(annee) as duree,
        {{ somme('depuis_le_milieu * chiffre') }} / {{ somme('depuis_le_milieu * depuis_le_milieu') }} as pente,
        {{ somme('part_de_variance') }} as variance,
        {{ somme('depuis_le_milieu * depuis_le_milieu') }} as etendue,
        {{ ddl_satterthwaite(
            'sum(ddl) - 1', somme('part_de_variance'), somme('part_de_variance * part_de_variance / ddl')
        ) }} as ddl,
        min(base_verdict) as base_verdict,
        min(base_brute) as base_brute,
        min(nb_organismes) as nb_organismes
    from reperes_peses
    group by vague, question_code, mesure
    having count(chiffre) = count(*) and count(*) >= 3 and max(annee) > min(annee)
),

erreurs as (
    select
        pentes.*,
        {{ erreur_ecart('pentes.variance', '2 * coalesce(croises.covariances, 0)') }} / pentes.etendue as erreur_type
    from pentes
    left join croises
        on {{ memes('pentes', 'croises', ['vague', 'question_code']) }}
),

jugeables as (
    select
        erreurs.*,
        erreurs.pente * erreurs.duree as ecart,
        erreurs.erreur_type * erreurs.duree as erreur,
        parametres.alpha,
        parametres.base_fragile,
        quantile_student(parametres.confiance, erreurs.ddl) as t,
        case erreurs.mesure
            when 'note' then parametres.materialite_note
            else parametres.materialite_taux
        end as materialite
    from erreurs
    cross join parametres
),

tests as (
    select
        *,
        {{ p_ecart('ecart', 'erreur') }} as p_valeur
    from jugeables
),

{{ p_ajustees(['vague']) }},

jugees as (
    select
        *,
        p_ajustee as p_valeur_ajustee,
        case
            when base_verdict < base_fragile then 'non significatif'
            else {{ echelon('hausse', 'hausse légère', 'stable', 'baisse légère', 'baisse') }}
        end as verdict
    from ajustes
)

{{ projeter('jugees') }}
