{%- set reponse = ['vague', 'organisme_code', 'question_code', 'modalite_code'] -%}
with modalites as (
    select * from {{ ref('int_modalites') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

baremes as (
    select * from {{ ref('stg_baremes') }}
),

composites as (
    select * from {{ ref('stg_composites') }}
),

echantillon as (
    select * from {{ ref('int_comptage_extrapole') }}
    where axe = 'ensemble'
),

-- Les modalités exprimées, avec la note que leur donne le barème de l'institut ; la valeur d'un indice est sa note sous tout barème.
exprimees as (
    select
        {{ prises('participants', ['vague', 'organisme_code']) }},
        {{ prises('modalites', [
            'question_code', 'modalite_code', 'echelle', 'ordre', 'est_satisfait', 'est_tres_satisfait',
            'est_tres_insatisfait', 'groupe_nps'
        ]) }},
        coalesce(baremes.note, composites.note) as note
    from modalites
    cross join participants
    left join baremes
        on
            participants.bareme = baremes.bareme
            and participants.bareme_version = baremes.version
            and {{ memes('modalites', 'baremes', ['echelle', 'modalite_code']) }}
    left join composites
        on {{ memes('modalites', 'composites', ['question_code', 'modalite_code']) }}
    where modalites.type = 'unique' and modalites.statut_reponse = 'exprime'
),

valeurs as (
    {%- for mesure in fromyaml(mesures()) %}
    select
        {{ reponse | join(', ') }},
        '{{ mesure.nom }}' as mesure,
        cast({{ mesure.valeur }} as double) as valeur
    from exprimees
    union all
    {%- endfor %}
    -- le même barème pour tous, quel que soit celui de l'institut
    select
        {{ prises('exprimees', reponse) }},
        {{ note_sous_bareme('baremes.bareme', 'baremes.version') }} as mesure,
        baremes.note as valeur
    from exprimees
    inner join baremes
        on {{ memes('exprimees', 'baremes', ['echelle', 'modalite_code']) }}
    union all
    -- une question à plusieurs réponses n'a que sa base, ses répondants
    select distinct
        {{ prises('participants', ['vague', 'organisme_code']) }},
        modalites.question_code,
        '*' as modalite_code,
        'base' as mesure,
        cast(1.0 as double) as valeur
    from modalites
    cross join participants
    where modalites.type = 'multiple'
),

centres as (
    select
        {{ prises('valeurs', ['vague', 'question_code', 'mesure']) }},
        {{ somme('echantillon.w * valeurs.valeur') }} / {{ somme('echantillon.w') }} as centre
    from echantillon
    inner join valeurs
        on {{ memes('echantillon', 'valeurs', reponse) }}
    where valeurs.valeur is not null
    group by all
)

select
    valeurs.*,
    centres.centre,
    valeurs.valeur - centres.centre as ecart
from valeurs
inner join centres
    on {{ memes('valeurs', 'centres', ['vague', 'question_code', 'mesure']) }}
where valeurs.valeur is not null
