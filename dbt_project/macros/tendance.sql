{#-
    Les expressions qui donnent la tendance d'une question sur toutes les vagues auxquelles elle se compare, trois au moins, jusqu'à
    `tendances` : la pente de la droite des moindres carrés par les chiffres publiés, chacun comptant autant, son erreur (les vagues sont
    indépendantes), et le verdict sur ce que la droite fait de la première vague à celle-ci. Lues des chiffres publiés, elles n'en
    apprennent rien de plus. Demande `satisfaction`, `evolution`, `vagues` et `parametres`.
-#}
{% macro tendances() -%}
reperes as (
    select
        vague,
        question_code,
        mesure,
        vague_precedente as repere
    from evolution
    where statut = 'V' and verdict not in ('nouveau', 'non comparable')
    union
    select
        vague,
        question_code,
        mesure,
        vague as repere
    from evolution
    where statut = 'V' and verdict not in ('nouveau', 'non comparable')
),

reperes_dates as (
    select
        reperes.vague,
        reperes.question_code,
        reperes.mesure,
        year(vagues.terrain_debut) + (month(vagues.terrain_debut) - 1) / cast(12 as double) as annee,
        case reperes.mesure when 'note' then satisfaction.note_imprimee else satisfaction.taux_imprime end as chiffre,
        case reperes.mesure
            when 'note' then satisfaction.note_imprimee_erreur_type
            else satisfaction.taux_imprime_erreur_type
        end as erreur_du_chiffre,
        satisfaction.ddl,
        least(satisfaction.base_brute, round(satisfaction.base_efficace), satisfaction.ddl) as base
    from reperes
    inner join vagues
        on reperes.repere = vagues.vague
    inner join satisfaction
        on
            reperes.repere = satisfaction.vague
            and reperes.question_code = satisfaction.question_code
),

reperes_centres as (
    select
        *,
        annee - avg(annee) over (partition by vague, question_code) as depuis_le_milieu
    from reperes_dates
),

reperes_peses as (
    select
        *,
        depuis_le_milieu * depuis_le_milieu * erreur_du_chiffre * erreur_du_chiffre as part_de_variance
    from reperes_centres
),

pentes as (
    select
        vague,
        question_code,
        mesure,
        count(*) as tendance_vagues,
        max(annee) - min(annee) as duree,
        {{ somme('depuis_le_milieu * chiffre') }} / {{ somme('depuis_le_milieu * depuis_le_milieu') }} as pente,
        sqrt({{ somme('part_de_variance') }})
        / {{ somme('depuis_le_milieu * depuis_le_milieu') }} as erreur_de_la_pente,
        {{ ddl_satterthwaite(
            'sum(ddl) - 1', somme('part_de_variance'), somme('part_de_variance * part_de_variance / ddl')
        ) }} as ddl,
        min(base) as base_verdict
    from reperes_peses
    group by vague, question_code, mesure
    having count(chiffre) = count(*) and count(*) >= 3 and max(annee) > min(annee)
),

jugeables as (
    select
        pentes.*,
        pente * duree as ecart,
        erreur_de_la_pente * duree as erreur,
        parametres.alpha,
        parametres.base_fragile,
        quantile_student(parametres.confiance, pentes.ddl) as t,
        case pentes.mesure when 'note' then parametres.materialite_note else parametres.materialite_taux end as materialite
    from pentes
    cross join parametres
),

tests as (
    select
        *,
        {{ p_ecart('ecart', 'erreur') }} as p_valeur
    from jugeables
),

{{ p_ajustees(['vague']) }},

tendances as (
    select
        vague,
        question_code,
        tendance_vagues,
        pente as tendance,
        erreur_de_la_pente as tendance_erreur_type,
        p_valeur as tendance_p_valeur,
        p_ajustee as tendance_p_valeur_ajustee,
        case
            when base_verdict < base_fragile then 'non significatif'
            else {{ echelon('hausse', 'hausse légère', 'stable', 'baisse légère', 'baisse') }}
        end as tendance_verdict
    from ajustes
)
{%- endmacro %}
