{#-
    Tables et vues sur DuckDB, faites en une transaction et presque toujours en un envoi : ce qui était là est ôté, la
    relation est faite, ses commentaires sont écrits. Celles de dbt et de dbt-duckdb renomment ce qui était là, relisent
    les colonnes et demandent après chaque pas ce qui reste à défaire, pour une base que d'autres lisent pendant ce temps.
    Personne ne lit l'entrepôt ni le candidat pendant qu'ils se font, et rien n'y dépend d'une table. Spark garde les siennes.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if model.language == 'python' -%}
        {#- Python écrit par une connexion à lui, qui ne voit pas ce que celle-ci n'a pas encore validé. -#}
        {%- set provisoire = make_intermediate_relation(relation) -%}
        {{ drop_relation_if_exists(load_cached_relation(provisoire)) }}
        {%- call statement('main', language='python') -%}
            {{ create_table_as(False, provisoire, compiled_code, 'python') }}
        {%- endcall -%}
        {%- call statement('en_place') -%}
            {{ faire_place() }}
            alter table {{ provisoire }} rename to {{ relation.identifier }};
            {{ commentaires(relation) }}
        {%- endcall -%}
    {%- else -%}
        {%- set creation = create_table_as(False, relation, compiled_code) -%}
        {%- call statement('main') %}{{ faire_place() }} {{ creation | trim }}; {{ commentaires(relation) }}{% endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set creation = create_view_as(relation, sql) -%}
    {%- call statement('main') %}{{ faire_place() }} {{ creation | trim }} {{ commentaires(relation) }}{% endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{#- Ôte la relation qui porte le nom du modèle, de quelque sorte qu'elle soit. -#}
{% macro faire_place() -%}
    {%- set ancienne = load_cached_relation(this) -%}
    {%- if ancienne is not none -%}
        drop {{ ancienne.type }} if exists {{ ancienne }};
    {%- endif -%}
{%- endmacro %}

{#- Les commentaires d'une relation et de ses colonnes, où le projet demande qu'ils soient écrits dans la base. -#}
{% macro commentaires(relation) -%}
    {%- if config.persist_relation_docs() and model.description -%}
        {{ alter_relation_comment(relation, model.description) }}
    {%- endif -%}
    {%- if config.persist_column_docs() -%}
        {%- for nom, colonne in model.columns.items() if colonne.description -%}
            comment on column {{ relation }}.{{ nom }} is {{ duckdb_escape_comment(commentaire_de(model, colonne)) }};
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
