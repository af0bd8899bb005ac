with vagues as (
    select * from {{ ref('stg_vagues') }}
),

questions as (
    select
        questionnaires.vague,
        questions.question_code,
        questions.echelle
    from {{ ref('int_questionnaires') }} as questionnaires
    inner join {{ ref('stg_questions') }} as questions
        on questionnaires.question_code = questions.question_code
),

echelles as (
    select * from {{ ref('stg_echelles') }}
),

questions_vagues as (
    select
        questions_vagues.*,
        vagues.dispositif_code,
        vagues.ordre
    from {{ ref('stg_questions_vagues') }} as questions_vagues
    inner join vagues
        on questions_vagues.vague = vagues.vague
),

-- Une vague ne se compare qu'à celles de son dispositif : les autres ont interrogé d'autres gens, ou d'une autre manière.
paires as (
    select
        vagues.vague,
        vagues.dispositif_code,
        vagues.ordre,
        precedentes.vague as vague_precedente,
        precedentes.ordre as ordre_precedent,
        questions.question_code
    from vagues
    inner join vagues as precedentes
        on
            vagues.dispositif_code = precedentes.dispositif_code
            and vagues.ordre > precedentes.ordre
    inner join questions
        on vagues.vague = questions.vague
    inner join echelles
        on questions.echelle = echelles.echelle
    where echelles.type = 'unique'
)

-- Une rupture à n'importe quelle vague entre les deux sépare le avant du après.
select
    paires.vague,
    paires.vague_precedente,
    paires.question_code,
    max(case when questions_vagues.ordre = paires.ordre then 1 else 0 end) = 1 as posee,
    max(case when questions_vagues.ordre = paires.ordre_precedent then 1 else 0 end) = 1 as posee_avant,
    max(case when questions_vagues.ordre < paires.ordre then 1 else 0 end) = 0 as nouvelle,
    max(
        case
            when
                questions_vagues.ordre > paires.ordre_precedent
                and questions_vagues.equivalence not in ('identique', 'proche')
                then 1
            else 0
        end
    ) = 1 as rupture
from paires
left join questions_vagues
    on
        paires.question_code = questions_vagues.question_code
        and paires.dispositif_code = questions_vagues.dispositif_code
        and paires.ordre >= questions_vagues.ordre
group by all
