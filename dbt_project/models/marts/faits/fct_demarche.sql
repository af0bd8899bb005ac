{%- set lot = ['vague', 'organisme_code'] -%}
-- Ce que l'organisme avait au premier jour du terrain : ses répondants n'ont rien pu percevoir d'une démarche plus récente.
with participants as (
    select * from {{ ref('int_participants') }}
),

vagues as (
    select * from {{ ref('stg_vagues') }}
),

demarches as (
    select * from {{ ref('stg_demarches_qualite') }}
),

en_cours as (
    select
        {{ prises('participants', lot) }},
        participants.nom as organisme,
        demarches.type,
        demarches.intitule,
        demarches.debut,
        demarches.fin
    from participants
    inner join vagues
        on participants.vague = vagues.vague
    inner join demarches
        on
            participants.organisme_code = demarches.organisme_code
            and {{ vaut_le('vagues.terrain_debut', 'demarches') }}
)

{{ projeter('en_cours') }}
