{#- La grille des verdicts : ce qu'un écart a le droit de s'appeler. -#}

{#- Valeur p bilatérale d'un écart, sous l'hypothèse normale ; deux mesures sans erreur ne diffèrent que si elles sont différentes. -#}
{% macro p_ecart(ecart, erreur) -%}
    case
        when {{ ecart }} is null or {{ erreur }} is null then null
        when {{ erreur }} > 0 then {{ p_bilaterale('(' ~ ecart ~ ' / ' ~ erreur ~ ')') }}
        when abs({{ ecart }}) < 1e-12 then 1.0
        else 0.0
    end
{%- endmacro %}

{#- Significatif : le test rejette. Notable : l'écart atteint la matérialité. Équivalent : l'intervalle tient dans la matérialité. -#}
{% macro est_significatif(ecart='ecart', erreur='erreur') -%}
    ({{ p_ecart(ecart, erreur) }}) < alpha
{%- endmacro %}

{% macro est_notable(ecart='ecart') -%}
    abs({{ ecart }}) >= materialite
{%- endmacro %}

{% macro est_equivalent(ecart='ecart', erreur='erreur') -%}
    abs({{ ecart }}) + quantile_confiance * {{ erreur }} <= materialite
{%- endmacro %}


{% macro verdict_evolution() -%}
    case
        when posee and nouvelle then 'nouveau'
        when statut = 'Z' then 'non comparable'
        when statut <> 'V' then null
        when not comparable or ecart is null then 'non comparable'
        when least(base_brute, base_brute_precedente) < base_fragile then 'non significatif'
        when {{ est_significatif() }} and {{ est_notable() }} and ecart > 0 then 'hausse'
        when {{ est_significatif() }} and {{ est_notable() }} then 'baisse'
        when {{ est_significatif() }} or {{ est_equivalent() }} then 'stable'
        else 'non significatif'
    end
{%- endmacro %}

{% macro motif_verdict_evolution() -%}
    case
        when posee and nouvelle then 'question posée pour la première fois'
        when statut <> 'V' then motif_statut
        when rupture then 'question modifiée entre les deux vagues'
        when not meme_mode then 'modes de collecte différents'
        when not comparable then 'barèmes différents'
        when ecart is null then 'question sans note ni taux'
        when least(base_brute, base_brute_precedente) < base_fragile
            then 'base fragile : moins de ' || cast(base_fragile as {{ dbt.type_string() }}) || ' réponses exprimées'
        when {{ est_significatif() }} and {{ est_notable() }} then 'écart significatif et notable'
        when {{ est_significatif() }} then 'écart significatif mais inférieur au seuil de commentaire'
        when {{ est_equivalent() }} then 'écart à coup sûr inférieur au seuil de commentaire'
        else 'écart que le hasard du sondage peut expliquer'
    end
{%- endmacro %}


{% macro verdict_reference() -%}
    case
        when statut <> 'V' then null
        when not est_comparable then 'non comparable'
        when base_brute < base_fragile then 'non significatif'
        when {{ est_significatif() }} and {{ est_notable() }} and ecart > 0 then 'au-dessus'
        when {{ est_significatif() }} and {{ est_notable() }} then 'en dessous'
        when {{ est_significatif() }} or {{ est_equivalent() }} then 'au niveau'
        else 'non significatif'
    end
{%- endmacro %}

{% macro motif_verdict_reference() -%}
    case
        when statut <> 'V' then motif_statut
        when not coalesce(source_comparable, false)
            then coalesce(motif_non_comparable, 'la source n''est pas déclarée comparable')
        when not est_comparable then 'la question n''a pas de mesure dans l''unité de la source'
        when base_brute < base_fragile
            then 'base fragile : moins de ' || cast(base_fragile as {{ dbt.type_string() }}) || ' réponses exprimées'
        when erreur_type_reference is null
            then 'la source ne donne pas sa précision : seule celle de la région est prise en compte'
        else 'la précision des deux sources est prise en compte'
    end
{%- endmacro %}
