{#- Comment une table sort : ses colonnes sont celles que déclare le YAML de son modèle, et nulle part ailleurs. -#}

{#-
    Le corps d'un mart qui ne calcule rien : les colonnes qu'il déclare, lues dans `modele`. Les lignes d'un organisme, s'il y en a,
    n'en font pas partie : elles ne sont que pour le fichier de cet organisme.
    À l'analyse du projet, et pour SQLFluff, le YAML n'est pas encore lu : seule la dépendance compte alors.
-#}
{% macro publier(modele) -%}
    {%- set source = ref(modele) -%}
    {%- if execute -%}
select
    {{ model.columns.keys() | join(',\n    ') }}
from {{ source }}
{%- if 'perimetre_type' in model.columns %}
where perimetre_type <> 'organisme'
{%- endif %}
    {%- else -%}
select *
from {{ source }}
    {%- endif -%}
{%- endmacro %}
