with questions as (
    select * from {{ ref('stg_questions') }}
),

echelles as (
    select * from {{ ref('stg_echelles') }}
),

modalites as (
    select * from {{ ref('stg_modalites') }}
),

baremes as (
    select * from {{ ref('stg_baremes') }}
),

composites as (
    select * from {{ ref('stg_composites') }}
),

usages as (
    select * from {{ ref('stg_baremes_usages') }}
),

bareme_par_defaut as (
    select baremes.*
    from baremes
    inner join usages
        on
            baremes.bareme = usages.bareme
            and baremes.version = usages.version
    where usages.institut = '*' and usages.vague = '*'
),

-- Les bouts de l'échelle : le premier et le dernier échelon, l'un du côté des satisfaits, l'autre en face. Un seul échelon
-- d'un côté serait le taux lui-même.
bouts as (
    select
        echelle,
        min(ordre) as premier,
        max(ordre) as dernier,
        avg(case when est_satisfait then ordre end)
        < avg(case when not est_satisfait then ordre end) as satisfaits_en_tete
    from modalites
    where statut_reponse = 'exprime'
    group by all
    having
        sum(case when est_satisfait then 1 else 0 end) > 1
        and sum(case when est_satisfait then 0 else 1 end) > 1
)

select
    questions.question_code,
    questions.echelle,
    echelles.type,
    {{ prises('modalites', [
        'modalite_code', 'ordre', 'libelle', 'statut_reponse', 'est_satisfait', 'est_exclusive', 'groupe_nps'
    ]) }},
    modalites.ordre
    = case when bouts.satisfaits_en_tete then bouts.premier else bouts.dernier end as est_tres_satisfait,
    modalites.ordre
    = case when bouts.satisfaits_en_tete then bouts.dernier else bouts.premier end as est_tres_insatisfait,
    bareme_par_defaut.note
from questions
inner join echelles
    on questions.echelle = echelles.echelle
inner join modalites
    on questions.echelle = modalites.echelle or modalites.echelle = 'TOUTES'
left join bouts
    on
        modalites.echelle = bouts.echelle
        and bouts.satisfaits_en_tete is not null
left join bareme_par_defaut
    on
        questions.echelle = bareme_par_defaut.echelle
        and modalites.modalite_code = bareme_par_defaut.modalite_code
union all
-- Les valeurs d'un indice : exprimées, et ni satisfaites ni insatisfaites.
select
    questions.question_code,
    questions.echelle,
    echelles.type,
    composites.modalite_code,
    composites.ordre,
    composites.libelle,
    'exprime' as statut_reponse,
    cast(null as boolean) as est_satisfait,
    false as est_exclusive,
    cast(null as {{ dbt.type_string() }}) as groupe_nps,
    cast(null as boolean) as est_tres_satisfait,
    cast(null as boolean) as est_tres_insatisfait,
    composites.note
from composites
inner join questions
    on composites.question_code = questions.question_code
inner join echelles
    on questions.echelle = echelles.echelle
