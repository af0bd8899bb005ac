{#- Les seeds sont du texte : « oui », « non » et vide deviennent vrai, faux et inconnu. -#}
{% macro oui_non(colonne) -%}
    case {{ colonne }} when 'oui' then true when 'non' then false end
{%- endmacro %}

{#- Un indicateur qui s'additionne : vrai fait 1, faux 0, inconnu rien. -#}
{% macro un_ou_zero(colonne) -%}
    case {{ colonne }} when true then 1.0 when false then 0.0 end
{%- endmacro %}
