with questions as (
    select * from {{ ref('questions') }}
),

modalites as (
    select
        echelle,
        count(*) as nb,
        count(est_satisfait) as nb_jugees,
        count(groupe_nps) as nb_recommandations
    from {{ ref('modalites') }}
    where statut_reponse = 'exprime'
    group by echelle
),

echelles as (
    select * from {{ ref('echelles') }}
),

/*
  La nature que le programme ne dit pas : une question à plusieurs réponses donne des raisons, deux modalités disent si une chose a
  eu lieu, des modalités dont aucune ne dit si elle est satisfaite décrivent.
*/
natures as (
    select
        questions.*,
        case
            when questions.nature is not null then questions.nature
            when echelles.type = 'multiple' then 'motif'
            when modalites.nb_recommandations > 0 then 'recommandation'
            when coalesce(modalites.nb_jugees, 0) = 0 then 'descriptif'
            when modalites.nb = 2 and questions.est_globale <> 'oui' then 'incidence'
            else 'satisfaction'
        end as nature_retenue
    from questions
    inner join echelles
        on questions.echelle = echelles.echelle
    left join modalites
        on questions.echelle = modalites.echelle
)

{{ preparer('natures') }}
