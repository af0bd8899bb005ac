{#- Les seeds sont du texte : « oui », « non » et vide deviennent vrai, faux et inconnu. -#}
{% macro oui_non(colonne) -%}
    case {{ colonne }} when 'oui' then true when 'non' then false end
{%- endmacro %}
