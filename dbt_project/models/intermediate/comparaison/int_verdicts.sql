{%- set cle = [
    'methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre', 'axe', 'segment', 'question_code',
] -%}
{%- set famille = [
    'bareme', 'bareme_version', 'methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre', 'axe',
] -%}
{#- Ce que toutes les lectures d'une cellule ont en commun. -#}
{%- set communes = cle + [
    'posee', 'nouvelle', 'rupture', 'memes_organismes', 'meme_mode', 'meme_institut', 'meme_mode_exige',
    'meme_institut_exige', 'statut', 'motif', 'base_verdict', 't', 'alpha',
    'base_fragile', 'mesure', 'materialite',
] -%}
with cellules as (
    select * from {{ ref('int_ecarts_cellules') }}
),

ecarts as (
    select * from {{ ref('int_ecarts') }}
),

baremes as (
    select distinct
        bareme,
        version as bareme_version
    from {{ ref('stg_baremes') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Une question qui a une note est jugée sur sa note, les autres sur leur taux.
publies as (
    select
        cellules.*,
        {{ prises('parametres', ['alpha', 'base_fragile', 'meme_mode_exige', 'meme_institut_exige']) }},
        cast(null as {{ dbt.type_string() }}) as bareme,
        cast(null as {{ dbt.type_string() }}) as bareme_version,
        case when notes.mesure is null then 'taux' else 'note' end as mesure,
        case
            when notes.mesure is null then parametres.materialite_taux else parametres.materialite_note
        end as materialite,
        coalesce(notes.comparable, taux.comparable, cellules.taux_comparable) as comparable,
        case when notes.mesure is null then taux.ecart else notes.ecart end as ecart,
        case when notes.mesure is null then taux.erreur_type else notes.erreur_type end as erreur,
        case when notes.mesure is null then taux.p_valeur else notes.p_valeur end as p_valeur
    from cellules
    cross join parametres
    {%- for mesure, alias in [('note', 'notes'), ('taux', 'taux')] %}
    left join ecarts as {{ alias }}
        on
            {{ alias }}.mesure = '{{ mesure }}'
            and {{ memes('cellules', alias, cle) }}
    {%- endfor %}
),

-- Un barème ne change que les notes ; les questions jugées sur leur taux restent dans la famille des tests, telles quelles.
sous_un_bareme as (
    select
        {{ prises('publies', communes) }},
        baremes.*,
        true as comparable,
        ecarts.ecart,
        ecarts.erreur_type as erreur,
        case when publies.mesure = 'note' then ecarts.p_valeur else publies.p_valeur end as p_valeur
    from publies
    cross join baremes
    left join ecarts
        on
            publies.mesure = 'note'
            and ecarts.mesure = {{ note_sous_bareme('baremes.bareme', 'baremes.bareme_version') }}
            and {{ memes('publies', 'ecarts', cle) }}
    where publies.statut = 'V' and publies.taux_comparable
),

-- Les lectures d'une cellule : la publiée, sans barème, et une par barème déclaré.
tests as (
    select {{ (communes + ['bareme', 'bareme_version', 'comparable', 'ecart', 'erreur', 'p_valeur']) | join(', ') }}
    from publies
    union all
    select * from sous_un_bareme
),

{{ p_ajustees(famille) }},

juges as (
    select
        *,
        erreur as erreur_type,
        p_ajustee as p_valeur_ajustee,
        {{ verdict_evolution() }} as verdict,
        {{ motif_verdict_evolution() }} as motif_du_verdict
    from ajustes
    where bareme is null or (mesure = 'note' and ecart is not null)
),

verdicts_publies as (
    select
        {{ cle | join(', ') }},
        verdict
    from juges
    where bareme is null and mesure = 'note' and verdict <> 'non comparable'
),

compares as (
    select
        juges.*,
        juges.verdict <> verdicts_publies.verdict as change_verdict
    from juges
    left join verdicts_publies
        on
            juges.bareme is not null
            and {{ memes('juges', 'verdicts_publies', cle) }}
)

{{ projeter('compares') }}
