-- Chaque organisme a un barème et un seul, qui existe : sinon ses notes manqueraient sans que rien ne le dise. Un programme
-- dont aucune échelle n'a d'unité de note n'imprime que des taux, et n'en a pas besoin.
with participants as (
    select * from {{ ref('int_participants') }}
),

baremes as (
    select distinct
        bareme,
        version
    from {{ ref('stg_baremes') }}
),

echelles_notees as (
    select echelle
    from {{ ref('stg_echelles') }}
    where unite_note is not null
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
where
    baremes.bareme is null
    and exists (select 1 from echelles_notees)
