{#-
    Les seeds sont du texte, créés et remplis en une requête : dbt-spark y insère des valeurs sans en doubler les apostrophes, et
    des vides qui deviennent un mot.
-#}
{% macro sparksession__create_csv_table(model, agate_table) -%}
    {%- set lignes = [] -%}
    {%- for ligne in agate_table.rows -%}
        {%- set valeurs = [] -%}
        {%- for valeur in ligne -%}
            {%- do valeurs.append('null' if valeur is none else texte_spark(valeur)) -%}
        {%- endfor -%}
        {%- do lignes.append('(' ~ valeurs | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set colonnes = [] -%}
    {%- for nom in agate_table.column_names -%}
        {%- do colonnes.append('cast(' ~ adapter.quote(nom) ~ ' as string) as ' ~ adapter.quote(nom)) -%}
    {%- endfor -%}
    {%- set sql -%}
create table {{ this.render() }}
{{ file_format_clause() }}
{{ comment_clause() }}
as
select {{ colonnes | join(', ') }}
from values
{{ lignes | join(',\n') if lignes else '(' ~ (['null'] * agate_table.column_names | length) | join(', ') ~ ')' }}
as t ({% for nom in agate_table.column_names %}{{ adapter.quote(nom) }}{{ ', ' if not loop.last }}{% endfor %})
{{ 'limit 0' if not lignes }}
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{#- Les lignes y sont déjà. -#}
{% macro sparksession__load_csv_rows(model, agate_table) -%}
    {{ return('') }}
{%- endmacro %}

{% macro texte_spark(valeur) -%}
    {{ return("'" ~ (valeur | string) | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") }}
{%- endmacro %}
