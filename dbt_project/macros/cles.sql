{#- Clé d'une période de validité d'un organisme : lisible, et la même d'une édition à l'autre. -#}
{% macro cle_organisme(code, valide_de) -%}
    {{ code }} || ' ' || cast({{ valide_de }} as {{ dbt.type_string() }})
{%- endmacro %}
