{#- Lecture du lac : le seul endroit qui sache où et dans quel format il est rangé. -#}

{#- Une table du lac, avec la dépendance que source() déclare. -#}
{% macro lac(nom) -%}
    {{ return(adapter.dispatch('lac', 'observatoire')(nom, source('lac', nom))) }}
{%- endmacro %}

{% macro default__lac(nom, relation) -%}
    {{ return(relation) }}
{%- endmacro %}

{% macro spark__lac(nom, relation) -%}
    {{ return(parquet_spark('lake/' ~ nom ~ '.parquet')) }}
{%- endmacro %}


{#- Les réponses d'une liste de fichiers, chemins relatifs au programme. -#}
{% macro lire_reponses(fichiers) -%}
    {{ return(adapter.dispatch('lire_reponses', 'observatoire')(fichiers)) }}
{%- endmacro %}

{% macro default__lire_reponses(fichiers) -%}
    {%- set racine = env_var('OBSERVATOIRE_DATA') -%}
    {%- set chemins = [] -%}
    {%- for fichier in fichiers -%}
        {%- do chemins.append("'" ~ (racine ~ '/' ~ fichier) | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {#- Chemins exacts et colonnes dans le fichier : ni répertoire à explorer, ni partition à déduire. -#}
    {{ return('read_parquet([' ~ chemins | join(', ') ~ '], hive_partitioning = false, union_by_name = true)') }}
{%- endmacro %}

{% macro spark__lire_reponses(fichiers) -%}
    {#- Un seul chemin, que Spark développe ; le même soin des colonnes et des partitions que ci-dessus. -#}
    {{ return(
        parquet_spark('{' ~ fichiers | join(',') ~ '}') ~ " with ('mergeSchema' = 'true', 'recursiveFileLookup' = 'true')"
    ) }}
{%- endmacro %}


{#- Un fichier du programme, ou plusieurs entre accolades. -#}
{% macro parquet_spark(chemin) -%}
    {{ return('parquet.`' ~ (env_var('OBSERVATOIRE_DATA') ~ '/' ~ chemin) | replace('`', '``') ~ '`') }}
{%- endmacro %}
