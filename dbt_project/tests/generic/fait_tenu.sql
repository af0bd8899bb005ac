{#-
    Un fait tient ce que son YAML déclare, organismes compris. Sa clé ne se répète pas, et une seule
    de ses colonnes dit qu'une ligne est d'un organisme. Le statut est celui auquel mène la raison, V
    sans raison. Une cellule masquée n'a aucune mesure, hors celles, ou celles de leurs valeurs, qui sont déclarées visibles. Chaque raison est connue, préfixe
    compris, et dite en clair ; chaque verdict est dans dim_verdict. Chaque clé composée trouve sa ligne : celle d'un périmètre
    dans le modèle qui nomme aussi les organismes. `de` est le modèle dont les fichiers des organismes sont faits.
    Chaque ligne régionale est celle du modèle, à la précision déclarée. Une ligne en défaut vient avec sa clé et le défaut.
-#}
{% test fait_tenu(model, de) %}

{%- set verdicts = ref('dim_verdict') -%}
{%- set lus = ref('stg_parametres') -%}
{#- Ce qui a la ligne d'une clé composée, et les colonnes qui l'y font, d'après le premier mot de son nom. -#}
{%- set lignes_des_cles = {
    'segment': [ref('dim_segment'), ['axe', 'segment']],
    'perimetre': [ref('int_perimetres_libelles'), ['perimetre_type', 'perimetre']],
    'modalite': [ref('int_modalites'), ['question_code', 'modalite_code']],
} -%}
{%- set colonnes_du_mart = graph.nodes['model.' ~ project_name ~ '.' ~ model.identifier].columns.values() if execute else [] -%}
{%- set composees = colonnes_du_mart | selectattr('config.meta.role', 'equalto', 'composee') | list -%}
{%- set declarees = colonnes(model.identifier) if execute else [] -%}
{%- set cle = colonnes(model.identifier, 'cle') if execute else ['1'] -%}
{%- set defauts = {"statut : celui de la raison manque": 'statut <> ' ~ statut_motif('motif_code') ~ ' or statut is null'} -%}
{%- for colonne in cle if execute and colonne not in colonnes(model.identifier, 'perimetre') -%}
    {%- do defauts.update({colonne ~ " : nature d un périmètre, à déclarer role perimetre": colonne ~ " = 'organisme'"}) -%}
{%- endfor -%}
{%- for mesure in (colonnes(model.identifier, 'mesure') if execute else []) -%}
    {%- do defauts.update({mesure ~ " : doit être vide": "statut <> 'V' and " ~ mesure ~ ' is not null'}) -%}
{%- endfor -%}
{%- for code in declarees if code.startswith('motif') and code.endswith('_code') -%}
    {%- set en_clair = 'motif_statut' if code == 'motif_code' else code[:-5] -%}
    {%- do defauts.update({
        code ~ " : raison inconnue": raison_inconnue(code),
        en_clair ~ " : la raison en clair manque": '(' ~ code ~ ' is null) <> (' ~ en_clair ~ ' is null)',
    }) -%}
{%- endfor -%}
{%- for colonne in composees -%}
    {%- do defauts.update({colonne.name ~ " : sans ligne à elle": 'not ' ~ colonne.name ~ '_connue'}) -%}
{%- endfor -%}
{%- for colonne in colonnes_du_mart if colonne.config.meta.visibles -%}
    {%- set restent = "('" ~ colonne.config.meta.visibles | join("', '") ~ "')" -%}
    {%- do defauts.update({
        colonne.name ~ " : doit être vide": "statut <> 'V' and " ~ colonne.name ~ ' not in ' ~ restent
    }) -%}
{%- endfor -%}
{%- if 'verdict' in declarees -%}
    {%- do defauts.update({"verdict : inconnu": 'verdict is not null and verdict_connu is null'}) -%}
{%- endif %}
with sorties as (
    select
        lignes.*
        {%- if 'verdict' in declarees %},
        verdicts.verdict as verdict_connu
        {%- endif %}
        {%- for colonne in composees %},
        {{ colonne.name }}.libelle is not null as {{ colonne.name }}_connue
        {%- endfor %}
    from {{ sorties(model, de) }} as lignes
    {%- for colonne in composees %}
    {%- set relation, parties = lignes_des_cles[colonne.name.split('_') | first] %}
    left join {{ relation }} as {{ colonne.name }}
        on
            {%- for partie in parties %}
            {{ 'and ' if not loop.first }}lignes.{{ colonne.config.meta.de[loop.index0] }} = {{ colonne.name }}.{{ partie }}
            {%- endfor %}
    {%- endfor %}
    {%- if 'verdict' in declarees %}
    left join {{ verdicts }} as verdicts
        on lignes.verdict = verdicts.verdict
    {%- endif %}
)

select
    {{ cle | join(', ') }},
    'clé répétée ' || cast(count(*) as {{ dbt.type_string() }}) || ' fois' as defaut
from sorties
group by {{ cle | join(', ') }}
having count(*) > 1
union all
select
    {{ cle | join(', ') }},
    'statut ' || coalesce(statut, 'vide') || ' ; ' || concat_ws(
        ', '
        {%- for defaut, condition in defauts.items() %},
        case when {{ condition }} then '{{ defaut }}' end
        {%- endfor %}
    ) as defaut
from sorties
where
    {%- for condition in defauts.values() %}
    {{ 'or ' if not loop.first }}({{ condition }})
    {%- endfor %}
{%- if execute %}
{%- set mart = graph.nodes['model.' ~ project_name ~ '.' ~ model.identifier] %}
union all
select
    {{ cle | join(', ') }},
    'autre que ce que donne le modèle, à la précision déclarée' as defaut
from (
    select {{ declarees | join(', ') }} from {{ model }}
    except
    select {{ declarees | join(', ') }} from (
        {{ lignes_publiees(mart, de) }}
    ) as publiees
) as autres
{%- for colonne in composees %}
union all
select
    {{ cle | join(', ') }},
    '{{ colonne.name }} : autre que les colonnes dont elle est faite' as defaut
from {{ model }}
where {{ colonne.name }} <> {{ cle_composee(colonne) }} or {{ colonne.name }} is null
{%- endfor %}
union all
select
    {{ cle | join(', ') }},
    'ligne du modèle qui manque' as defaut
from (
    select {{ cle | join(', ') }} from {{ de }}
    where not {{ est_d_un_organisme(model.identifier) }}
    except
    select {{ cle | join(', ') }} from {{ model }}
) as manquantes
{%- endif %}

{% endtest %}
