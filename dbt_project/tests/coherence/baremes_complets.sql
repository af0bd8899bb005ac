{%- set bareme = ['bareme', 'version', 'echelle'] -%}
-- Un barème note toutes les modalités exprimées d'une échelle, ou aucune : une moyenne partielle n'aurait pas de sens.
with modalites as (
    select * from {{ ref('stg_modalites') }}
),

baremes as (
    select * from {{ ref('stg_baremes') }}
),

notees as (
    select distinct {{ bareme | join(', ') }}
    from baremes
)

select
    notees.*,
    modalites.modalite_code
from notees
inner join modalites
    on notees.echelle = modalites.echelle
left join baremes
    on
        {{ memes('notees', 'baremes', bareme) }}
        and modalites.modalite_code = baremes.modalite_code
where modalites.statut_reponse = 'exprime' and baremes.note is null
