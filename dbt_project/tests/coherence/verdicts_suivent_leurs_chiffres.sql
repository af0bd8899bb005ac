{#- Ce qui est repris de chaque ligne telle quelle. -#}
{%- set reprises = ['vague', 'perimetre_type', 'perimetre', 'question_code', 'statut', 'verdict', 'p_valeur'] -%}
-- Un verdict publié avec ses chiffres est celui que la grille leur donne de nouveau, et la p d'un écart celle de son erreur type.
with parametres as (
    select
        *,
        true as posee,
        false as nouvelle
    from {{ ref('stg_parametres') }}
),

satisfaction as (
    select * from {{ ref('int_satisfaction') }}
    where axe = 'ensemble'
),

{% for fait, modele in [('evolution', 'int_evolution'), ('comparaison', 'int_comparaison')] -%}
{{ fait }}s as (
    select
        'fct_{{ fait }}' as fait,
        {{ prises('lignes', reprises + ['axe']) }},
        lignes.base_verdict,
        lignes.ddl,
        lignes.p_valeur_ajustee as p_publiee,
        case when lignes.mesure = 'note' then lignes.ecart_note else lignes.ecart_taux end as ecart,
        case when lignes.mesure = 'note' then lignes.erreur_type else lignes.erreur_type_taux end as erreur,
        case
            when lignes.mesure = 'note' then parametres.materialite_note else parametres.materialite_taux
        end as materialite
    from {{ ref(modele) }} as lignes
    cross join parametres
    where lignes.statut = 'V'
),

{% endfor -%}
-- Le degré de liberté d'un écart à une référence est celui de la satisfaction.
ecarts_reference as (
    select
        'fct_ecart_reference' as fait,
        {{ prises('lignes', reprises) }},
        'ensemble' as axe,
        satisfaction.base_verdict,
        satisfaction.ddl,
        lignes.p_valeur_ajustee as p_publiee,
        lignes.ecart,
        lignes.erreur_type as erreur,
        case
            when lignes.unite = 'note_10' then parametres.materialite_note
            else 100 * parametres.materialite_taux
        end as materialite
    from {{ ref('int_ecart_reference') }} as lignes
    inner join satisfaction
        on {{ memes('lignes', 'satisfaction', ['vague', 'perimetre_type', 'perimetre', 'question_code']) }}
    cross join parametres
    where lignes.statut = 'V'
),

lignes as (
    select * from evolutions
    union all
    select * from comparaisons
    union all
    select * from ecarts_reference
),

-- Sans la précision de la source, un écart à une référence n'a pas de p, et rien n'en est dit.
probables as (
    select
        *,
        {{ p_ecart('ecart', 'erreur') }} as p_attendue
    from lignes
),

jugees as (
    select
        probables.*,
        {{ prises('parametres', ['alpha', 'base_fragile', 'posee', 'nouvelle']) }},
        probables.ecart is not null as comparable,
        probables.ecart is not null as est_comparable,
        case when probables.p_valeur is not null then quantile_student(parametres.confiance, probables.ddl) end as t,
        probables.p_publiee as p_ajustee
    from probables
    cross join parametres
),

rendus as (
    select
        *,
        case
            when fait = 'fct_evolution' then {{ verdict_evolution() }}
            else {{ verdict_position() }}
        end as verdict_attendu
    from jugees
)

select
    fait,
    vague,
    perimetre_type,
    perimetre,
    axe,
    question_code,
    ecart,
    erreur,
    p_valeur,
    p_attendue,
    p_ajustee,
    verdict,
    verdict_attendu
from rendus
where
    coalesce(verdict, '') <> coalesce(verdict_attendu, '')
    or abs(p_valeur - p_attendue) > 1e-9
    or (p_valeur is null and ecart is not null and fait <> 'fct_ecart_reference')
    or p_ajustee < p_valeur - 1e-12
    or p_ajustee > 1
union all
-- Sous un barème, la base et les degrés de liberté ne sont pas à côté : seuls les échelons établis se refont.
select
    'fct_sensibilite' as fait,
    lignes.vague,
    lignes.perimetre_type,
    lignes.perimetre,
    lignes.axe,
    lignes.question_code,
    lignes.evolution as ecart,
    cast(null as double) as erreur,
    cast(null as double) as p_valeur,
    cast(null as double) as p_attendue,
    lignes.p_valeur_ajustee as p_ajustee,
    lignes.verdict,
    case
        when abs(lignes.evolution) < parametres.materialite_note
            then case when lignes.evolution > 0 then 'hausse légère' else 'baisse légère' end
        when lignes.evolution > 0 then 'hausse'
        else 'baisse'
    end as verdict_attendu
from {{ ref('int_sensibilite') }} as lignes
cross join parametres
where
    lignes.verdict in ('hausse', 'hausse légère', 'baisse légère', 'baisse')
    and not (
        lignes.p_valeur_ajustee < parametres.alpha
        and (lignes.verdict in ('hausse', 'baisse')) = (abs(lignes.evolution) >= parametres.materialite_note)
        and (lignes.verdict in ('hausse', 'hausse légère')) = (lignes.evolution > 0)
    )
