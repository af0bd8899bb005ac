{#-
    Ce qui se dit d'un indicateur, des modèles de phrase de la langue du programme : seulement ce que le verdict autorise ; sans
    verdict, le niveau. Les deux niveaux comparés sont dits l'un et l'autre, aux décimales de la ligne (`decimales`).
-#}
{% macro suite_de_la_phrase() -%}
    {%- set maximum -%}
    case
        when note_maximale = floor(note_maximale) then {{ nombre('note_maximale', 0) }}
        else {{ nombre('note_maximale', 1) }}
    end
    {%- endset -%}
    {%- set niveau -%}
    case
        when note_moyenne is not null
            then {{ remplir(texte('phrase', "'note'"), {'{n}': lisible('note_moyenne', 1), '{max}': maximum}) }}
        else {{ remplir(texte('phrase', "'taux'"), {'{n}': lisible('100 * taux_satisfaits', 0)}) }}
    end
    {%- endset -%}
    {%- set niveau_avant -%}
    case
        when note_moyenne is not null then {{ lisible('note_precedente', 1) }}
        else {{ remplir(texte('phrase', "'taux'"), {'{n}': lisible('100 * taux_precedent', 0)}) }}
    end
    {%- endset -%}
    {%- set ecart = 'abs(coalesce(evolution, 100 * evolution_taux))' -%}
    {%- set ampleur -%}
    replace(
        case when {{ ecart }} >= 1.95 then {{ texte('phrase', "'points'") }} else {{ texte('phrase', "'point'") }} end,
        '{n}',
        case when {{ ecart }} >= 0.1 then {{ nombre(ecart, 1) }} else {{ nombre(ecart, 2) }} end
    )
    {%- endset -%}
    {#- Ce qui monte sans être une opinion ne progresse pas : il augmente. -#}
    {%- set dit -%}
    case
        when nature not in ('satisfaction', 'recommandation', 'indice') and verdict in ('hausse', 'hausse légère') then 'augmente'
        when nature not in ('satisfaction', 'recommandation', 'indice') and verdict in ('baisse', 'baisse légère') then 'diminue'
        else verdict
    end
    {%- endset -%}
    {%- set modele -%}
    case
        when statut = 'Z' then 'non_posee'
        when statut <> 'V' then 'non_publie'
        when note_moyenne is null and taux_satisfaits is null and type = 'multiple' then 'plusieurs_reponses'
        when note_moyenne is null and taux_satisfaits is null then 'sans_mesure'
        else coalesce({{ dit }}, 'niveau')
    end
    {%- endset -%}
    {#- Les tournures d'un même modèle se suivent dans un thème : la deuxième et la troisième, là où le catalogue en a. -#}
    {%- set tournure = modele ~ " || ' (' || (1 + (rang_dans_le_theme - 1) % 3) || ')'" -%}
    {{ remplir('coalesce(' ~ texte('phrase', tournure) ~ ', ' ~ texte('phrase', modele) ~ ')', {
        '{vague}': 'vague', '{raison}': 'motif_statut', '{avant}': 'vague_precedente', '{niveau}': niveau,
        '{niveau_avant}': niveau_avant, '{ampleur}': ampleur
    }) }}
    {#-
        Face à la première vague, si elle n'est pas la précédente, ce qui est établi : plus haut ou plus bas. D'une opinion qui a repris
        sans revenir au niveau d'alors, ou reculé sans tout perdre, l'opposition est dite.
    -#}
    {%- set depuis_la_premiere -%}
    case
        when statut <> 'V' or vague_premiere = vague_precedente then null
        when
            nature in ('satisfaction', 'recommandation', 'indice')
            and verdict in ('hausse', 'hausse légère') and verdict_premiere in ('baisse', 'baisse légère')
            then 'sans retrouver'
        when
            nature in ('satisfaction', 'recommandation', 'indice')
            and verdict in ('baisse', 'baisse légère') and verdict_premiere in ('hausse', 'hausse légère')
            then 'garde une avance'
        when verdict_premiere in ('hausse', 'hausse légère') then 'plus haut'
        when verdict_premiere in ('baisse', 'baisse légère') then 'plus bas'
    end
    {%- endset %}
    || coalesce({{ remplir(texte('phrase', depuis_la_premiere), {'{premiere}': 'vague_premiere'}) }}, '')
    || case
        when statut = 'V' and verdict_reference not in ('non significatif', 'non comparable')
            then
                {{ texte('phrase', 'verdict_reference') }}
                -- d'une note, une référence en pourcentage ne juge que le taux
                || case
                    when note_moyenne is not null and reference_unite like 'pourcentage%' then {{ texte('phrase', "'par le taux'") }}
                    else ''
                end
        else ''
    end
{%- endmacro %}

{#-
    De quoi la phrase parle, là où le nom de l'indicateur est déjà imprimé : du chiffre qu'elle donne, ou de la question. La part est celle
    d'une question qui ne demande pas d'opinion.
-#}
{% macro sujet_de_la_phrase() -%}
    case
        when statut not in ('V', 'Z') then 'le résultat'
        when statut = 'Z' or verdict = 'nouveau' then 'la question'
        when note_moyenne is not null then 'la note'
        when taux_satisfaits is null then 'la question'
        when nature in ('satisfaction', 'recommandation', 'indice') then 'le taux'
        else 'la part'
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

{#- Un niveau, aux décimales de sa ligne ; `ordinaires` en est le nombre habituel. -#}
{% macro lisible(expression, ordinaires) -%}
    case when decimales > {{ ordinaires }} then {{ nombre(expression, ordinaires + 1) }} else {{ nombre(expression, ordinaires) }} end
{%- endmacro %}

{#-
    Les décimales auxquelles une question se lit, dans la phrase, la page et la lettre : une pour une note, aucune pour un taux, et une
    de plus où, à l'une de ses vagues, le chiffre ainsi arrondi sortirait de son intervalle, ou se confondrait avec la vague d'avant, la
    première ou la référence dont il est établi qu'il diffère. Les mêmes à toutes les vagues, car elles sont imprimées sur une ligne. Personne d'autre
    n'en décide. Vide sans note ni taux.
-#}
{% macro decimales() -%}
    case when note_moyenne is not null then 1 when taux_satisfaits is not null then 0 end
    + max(
        case
            when note_moyenne is not null and (
                {{ se_contredit(
                    'note_moyenne', 'note_ic_bas', 'note_ic_haut', ['note_precedente', 'note_premiere'], 1, "like 'note%'"
                ) }}
            ) then 1
            when note_moyenne is null and taux_satisfaits is not null and (
                {{ se_contredit(
                    '100 * taux_satisfaits', '100 * taux_ic_bas', '100 * taux_ic_haut',
                    ['100 * taux_precedent', '100 * taux_premiere'], 0, "like 'pourcentage%'"
                ) }}
            ) then 1
            else 0
        end
    ) over (partition by question_code)
{%- endmacro %}

{#- Vrai d'un chiffre, note ou taux, que l'arrondi ferait contredire ce qui est imprimé à côté ; `avant` : la vague d'avant, la première. -#}
{% macro se_contredit(chiffre, bas, haut, avant, decimales, unite) -%}
    coalesce(cast({{ nombre_decimal(chiffre, decimales) }} as double) not between {{ bas }} and {{ haut }}, false)
            {%- for verdict, ancien in [('verdict', avant[0]), ('verdict_premiere', avant[1])] %}
            or coalesce(
                {{ verdict }} in {{ etablis() }} and {{ nombre_decimal(chiffre, decimales) }} = {{ nombre_decimal(ancien, decimales) }},
                false
            )
            {%- endfor %}
            or coalesce(
                verdict_reference in {{ etablis() }} and reference_unite {{ unite }}
                and {{ nombre_decimal(chiffre, decimales) }} = {{ nombre_decimal('reference', decimales) }},
                false
            )
{%- endmacro %}

{#- Les verdicts qui disent une différence, dans un sens ou dans l'autre. -#}
{% macro etablis() -%}
    (
        'hausse', 'hausse légère', 'baisse', 'baisse légère',
        'au-dessus', 'légèrement au-dessus', 'en dessous', 'légèrement en dessous'
    )
{%- endmacro %}
