{#- Les schémas portent exactement le nom déclaré, sans le préfixe que dbt ajoute d'ordinaire. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

{#- Le commentaire d'une colonne de `mart` : sa description, et la précision à laquelle elle sort. -#}
{% macro commentaire_de(mart, colonne) -%}
    {{ return(colonne.description ~ precision_dite(mart, colonne) | trim('\n')) }}
{%- endmacro %}

{#- Les commentaires des colonnes, tels que l'adaptateur les écrit. -#}
{% macro alter_column_comment(relation, column_dict) -%}
    {%- set dites = {} -%}
    {%- for nom, colonne in column_dict.items() -%}
        {%- do dites.update({nom: dict(colonne, description=commentaire_de(model, colonne))}) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('alter_column_comment', 'dbt')(relation, dites)) }}
{%- endmacro %}
