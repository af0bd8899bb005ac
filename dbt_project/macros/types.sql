{#-
    Le corps d'un modèle de préparation : les colonnes que son YAML déclare, sous leur type (`data_type`, texte s'il n'est pas dit) et
    sous leur nom. `de` est leur nom dans la source, s'il est autre ; `tel_quel: oui` laisse leur type à une liste. Un test unitaire, où dbt
    ne donne pas ces colonnes, voit celles de la source.
-#}
{% macro preparer(source) -%}
    {%- if execute and model.columns -%}
select
    {%- for nom, colonne in model.columns.items() %}
    {%- set origine = colonne.config.meta.get('de', nom) %}
    {%- set type = colonne.data_type or 'string' %}
    {% if colonne.config.meta.tel_quel %}{{ origine }}
    {%- elif type == 'boolean' %}{{ oui_non(origine) }}
    {%- else %}cast({{ origine }} as {{ dbt.type_string() if type == 'string' else type }})
    {%- endif %} as {{ nom }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ source }}
    {%- else -%}
select *
from {{ source }}
    {%- endif -%}
{%- endmacro %}

{#- Les seeds sont du texte : « oui », « non » et vide deviennent vrai, faux et inconnu ; le lac a déjà des booléens. -#}
{% macro oui_non(colonne) -%}
    case cast({{ colonne }} as {{ dbt.type_string() }})
        when 'oui' then true
        when 'true' then true
        when 'non' then false
        when 'false' then false
    end
{%- endmacro %}

{#- Un indicateur qui s'additionne : vrai fait 1, faux 0, inconnu rien. -#}
{% macro un_ou_zero(colonne) -%}
    case {{ colonne }} when true then 1.0 when false then 0.0 end
{%- endmacro %}
