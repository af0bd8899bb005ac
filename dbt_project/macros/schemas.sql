{#- Les schémas portent exactement le nom déclaré, sans le préfixe que dbt ajoute d'ordinaire. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
