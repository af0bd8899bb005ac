-- La somme des poids des entretiens d'un organisme est son parc.
with strates as (
    select * from {{ ref('int_strates') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

poids as (
    select
        vague,
        organisme_code,
        sum(facteur * poids_livre) as poids
    from strates
    group by all
)

select
    participants.vague,
    participants.organisme_code,
    participants.parc,
    poids.poids
from participants
left join poids
    on {{ memes('participants', 'poids', ['vague', 'organisme_code']) }}
where poids.poids is null or abs(poids.poids - participants.parc) > 1e-6 * participants.parc
