-- depends_on: {{ ref('stg_axes') }}, {{ ref('stg_segments') }}, {{ ref('stg_plan_sondage') }}, {{ ref('int_modalites') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='sync_all_columns',
        pre_hook=["{{ oublier_lots_perimes() }}", "{{ preparer_reponses() }}"],
        post_hook="{{ oublier_provisoire('reponses_a_compter') }}",
    )
}}

{%- set plan = questionnaire() if execute and compter() else none %}
{%- set empreinte_calcul = empreinte_du_comptage(plan) if execute and compter() else '' %}
{%- set entretiens = lots_a_compter(empreinte_calcul, 'entretiens') if execute and compter() else [] %}
{%- set comptages = lots_a_compter(empreinte_calcul, 'comptages') if execute and compter() else [] %}

with lots as (
    {{ lots_numerotes() }}
),

comptes as (
    {%- if entretiens %}
    {{ requete_de_comptage(plan) }}
    {%- endif %}
    {%- if entretiens and comptages %}
    union all
    {%- endif %}
    {%- if comptages %}
    {{ reprendre_comptages(comptages) }}
    {%- endif %}
    {%- if not entretiens and not comptages %}
    {#- Rien de neuf : aucun fichier n'est ouvert. #}
    select
        lot,
        '' as strate,
        '' as unite_primaire,
        '' as axe,
        '' as segment,
        '' as question_code,
        '' as modalite_code,
        cast(0 as double) as n,
        cast(0 as double) as poids_somme,
        cast(0 as double) as poids_carre_somme
    from lots
    where false
    {%- endif %}
),

comptes_des_lots as (
    select
        comptes.*,
        {{ prises('lots', ['vague', 'organisme_code', 'empreinte']) }},
        '{{ empreinte_calcul }}' as empreinte_calcul
    from comptes
    inner join lots
        on comptes.lot = lots.lot
)

{{ projeter('comptes_des_lots') }}
