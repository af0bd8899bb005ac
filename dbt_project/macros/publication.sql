{#-
    Comment une table sort. Ses colonnes sont celles que son YAML déclare (declaration.sql), et nulle part ailleurs.
    À l'analyse du projet, et pour SQLFluff, les YAML ne sont pas encore lus : seules les dépendances comptent alors.
-#}

{#-
    Le corps d'un mart qui ne calcule rien : ses colonnes, lues dans `modele`. Les lignes des organismes, s'il y en a, n'en font
    pas partie : elles ne vont que dans le fichier de chacun. Un tel mart doit porter le test qui regarde aussi ces lignes-là.
-#}
{% macro publier(modele) -%}
    {%- set source = ref(modele) -%}
    {%- if modele.startswith('int_') -%}
        {%- set lus = ref('stg_parametres') -%}
    {%- endif -%}
    {%- if execute -%}
        {%- set par_perimetre = colonnes(model.name, 'perimetre') -%}
        {%- if 'faits' in model.fqn and modele.startswith('int_') and par_perimetre | length != 1 -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ " : une colonne, et une seule, dit de quelle nature est le périmètre d'une ligne ; la déclarer dans son YAML"
                ~ " par « config: {meta: {role: perimetre}} », sans quoi les lignes des organismes seraient publiées."
            ) }}
        {%- endif -%}
        {%- if par_perimetre and modele_des_organismes(model) | trim != modele -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ " : ajouter à son YAML le test « fait_tenu: {arguments: {de: ref('" ~ modele ~ "')}} »."
            ) }}
        {%- endif -%}
        {%- if par_perimetre -%}
{{ lignes_publiees(model, source) }}
        {%- else -%}
{{ projeter(source) }}
        {%- endif -%}
    {%- else -%}
select *
from {{ source }}
    {%- endif -%}
{%- endmacro %}

{#- Les lignes régionales de la relation `modele`, telles que le mart les publie : ses colonnes, chacune à sa précision. -#}
{% macro lignes_publiees(mart, modele) -%}
select
    {%- for colonne in mart.columns.values() %}
    {{ sortie(mart, colonne) }} as {{ colonne.name }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ modele }} as lignes
cross join {{ ref('stg_parametres') }} as parametres
where lignes.{{ colonnes(mart.name, 'perimetre') | first }} <> 'organisme'
{%- endmacro %}

{#-
    La dernière requête d'un modèle qui calcule : les colonnes que son YAML déclare, dans leur ordre, lues sous leurs noms dans
    `depuis`. Un test unitaire ne voit pas cette déclaration, et compare les colonnes qu'il nomme parmi toutes.
-#}
{% macro projeter(depuis) -%}
select
    {%- for colonne in (model.columns.values() if execute else []) %}
    {%- set prise = lue(colonne) %}
    {{ prise }}{{ ' as ' ~ colonne.name if prise != colonne.name }}{{ ',' if not loop.last }}
    {%- else %} *
    {%- endfor %}
from {{ depuis }}
{%- endmacro %}

{#-
    La dernière requête d'un modèle intermédiaire que le mart `pour` publie : les colonnes du mart, lues dans `depuis` sous leurs
    noms, les mesures vides hors statut V. `aussi` nomme d'autres mesures, que seuls des modèles lisent ; elles sont masquées de
    même ; `cles`, d'autres clés, qui ne le sont pas. Ce qui se calcule (une borne, un écart) l'est dans `depuis` : ici rien que
    des noms.

        {{ masquer('juges', pour='fct_quartile') }}
-#}
{% macro masquer(depuis, pour, aussi=[], cles=[]) -%}
    {%- if execute -%}
        {%- set masquees = colonnes(pour, 'mesure') + aussi -%}
select
        {%- for colonne in colonnes(pour) + cles + aussi %}
    {{ si_publie(colonne) ~ ' as ' if colonne in masquees }}{{ colonne }}{{ ',' if not loop.last }}
        {%- endfor %}
from {{ depuis }}
    {%- else -%}
select *
from {{ depuis }}
    {%- endif -%}
{%- endmacro %}

{#-
    Tout ce qui sort d'un fait, sous ses colonnes : ses lignes, et celles des organismes, dont leurs fichiers sont faits et que le
    mart n'a pas. `mart` et `modele` sont des relations. C'est là-dessus que portent les tests de la nuit.
-#}
{% macro sorties(mart, modele) -%}
    {%- set liste = colonnes(mart.identifier) | join(', ') if execute else '*' -%}
    (
        select {{ liste }}
        from {{ mart }}
        union all
        select {{ liste }}
        from {{ modele }}
        where {{ est_d_un_organisme(mart.identifier) }}
    )
{%- endmacro %}

{#-
    Vrai d'un axe dont les segments sortent pour une nature de périmètre. Avec et sans démarche, rien que l'ensemble : leurs segments de
    peu de réponses seraient autant de secrets de plus, que les départements de toute la région devraient protéger en se taisant.
-#}
{% macro axe_sort(perimetre_type, axe) -%}
({{ perimetre_type }} <> 'demarche' or {{ axe }} = 'ensemble')
{%- endmacro %}
