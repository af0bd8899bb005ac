-- Chaque organisme a un barème et un seul, qui existe : sinon ses notes manqueraient sans que rien ne le dise.
with participants as (
    select * from {{ ref('int_participants') }}
),

baremes as (
    select distinct
        bareme,
        version
    from {{ ref('stg_baremes') }}
)

select
    participants.vague,
    participants.organisme_code,
    participants.bareme,
    participants.bareme_version
from participants
left join baremes
    on
        participants.bareme = baremes.bareme
        and participants.bareme_version = baremes.version
where baremes.bareme is null
