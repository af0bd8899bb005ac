{#-
    Ce qui se dit d'un indicateur, des modèles de phrase de la langue du programme : seulement ce que le verdict autorise ; sans
    verdict, le niveau. Une évolution retenue pour en protéger une autre garde son verdict, et se dit sans son ampleur.
-#}
{% macro suite_de_la_phrase() -%}
    {%- set niveau -%}
    replace(
        case when note_moyenne is not null then {{ texte('phrase', "'note'") }} else {{ texte('phrase', "'taux'") }} end,
        '{n}',
        case when note_moyenne is not null then {{ nombre('note_moyenne', 1) }} else {{ nombre('100 * taux_satisfaits', 0) }} end
    )
    {%- endset -%}
    {%- set ecart = 'abs(coalesce(evolution, 100 * evolution_taux))' -%}
    {%- set ampleur -%}
    replace(
        case when {{ ecart }} >= 1.95 then {{ texte('phrase', "'points'") }} else {{ texte('phrase', "'point'") }} end,
        '{n}',
        {{ nombre(ecart, 1) }}
    )
    {%- endset -%}
    {%- set modele -%}
    case
        when statut = 'Z' then 'non_posee'
        when statut <> 'V' then 'non_publie'
        when note_moyenne is null and taux_satisfaits is null and type = 'multiple' then 'plusieurs_reponses'
        when note_moyenne is null and taux_satisfaits is null then 'sans_mesure'
        when verdict in ('hausse', 'baisse') and {{ ecart }} is null then verdict || ' sans ampleur'
        else coalesce(verdict, 'niveau')
    end
    {%- endset -%}
    {{ remplir(texte('phrase', modele), {
        '{vague}': 'vague', '{raison}': 'motif_statut', '{avant}': 'vague_precedente', '{niveau}': niveau, '{ampleur}': ampleur
    }) }}
    || case
        when statut = 'V' and verdict_reference in ('au-dessus', 'en dessous', 'au niveau')
            then {{ texte('phrase', 'verdict_reference') }}
        else ''
    end
{%- endmacro %}

{#- Un modèle de phrase, ses places remplies ; une valeur absente ne laisse rien. -#}
{% macro remplir(modele, places) -%}
    {%- set rempli = namespace(texte=modele) -%}
    {%- for place, valeur in places.items() -%}
        {%- set rempli.texte = "replace(" ~ rempli.texte ~ ", '" ~ place ~ "', coalesce(" ~ valeur ~ ", ''))" -%}
    {%- endfor -%}
    {{ return(rempli.texte) }}
{%- endmacro %}

{#- Un nombre comme la langue du programme l'écrit. -#}
{% macro nombre(expression, decimales) -%}
    {{ return("replace(" ~ nombre_decimal(expression, decimales) ~ ", '.', " ~ texte('nombre', "'decimale'") ~ ")") }}
{%- endmacro %}
