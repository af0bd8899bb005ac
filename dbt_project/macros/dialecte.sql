{#- Ce que les moteurs écrivent différemment. Le reste du projet est du SQL commun à tous. -#}

{#-
    Somme exacte : une addition de flottants dépend de l'ordre des lignes, donc du nombre de fils d'exécution, et deux
    éditions des mêmes données différeraient au dernier chiffre. En virgule fixe, l'ordre ne compte plus.
-#}
{% macro somme(expression, fenetre=none) -%}
    {{ return(de_virgule_fixe('sum(' ~ virgule_fixe(expression) ~ ')' ~ (' over ' ~ fenetre if fenetre else ''))) }}
{%- endmacro %}

{#- 20 chiffres avant la virgule, 18 après : au-delà, DuckDB refuse au lieu d'arrondir. -#}
{% macro virgule_fixe(expression) -%}
    {{ return(adapter.dispatch('virgule_fixe', 'observatoire')(expression)) }}
{%- endmacro %}

{#- Un flottant : Spark mettrait trois fois le temps à des décimaux, et au-delà donnerait nul. -#}
{% macro default__virgule_fixe(expression) -%}
    {{ return('cast(' ~ expression ~ ' as double)') }}
{%- endmacro %}

{#- 18 décimales en un entier : en décimaux, DuckDB mettrait plus de deux fois le temps à la somme. -#}
{% macro duckdb__virgule_fixe(expression) -%}
    {{ return('cast((' ~ expression ~ ') * 1e18 as hugeint)') }}
{%- endmacro %}

{#- Le flottant d'une somme de nombres en virgule fixe. -#}
{% macro de_virgule_fixe(expression) -%}
    {{ return(adapter.dispatch('de_virgule_fixe', 'observatoire')(expression)) }}
{%- endmacro %}

{% macro default__de_virgule_fixe(expression) -%}
    {{ return('cast(' ~ expression ~ ' as double)') }}
{%- endmacro %}

{% macro duckdb__de_virgule_fixe(expression) -%}
    {{ return('(cast(' ~ expression ~ ' as double) / 1e18)') }}
{%- endmacro %}


{#- Une ligne par élément d'une colonne de listes ; s'emploie dans un select. -#}
{% macro eclater(colonne) -%}
    {{ return(adapter.dispatch('eclater', 'observatoire')(colonne)) }}
{%- endmacro %}

{% macro default__eclater(colonne) -%}
    {{ return('explode(' ~ colonne ~ ')') }}
{%- endmacro %}

{% macro duckdb__eclater(colonne) -%}
    {{ return('unnest(' ~ colonne ~ ')') }}
{%- endmacro %}


{#- Vrai si la liste a au moins un des codes. -#}
{% macro contient_un_de(colonne, codes) -%}
    {{ return(adapter.dispatch('contient_un_de', 'observatoire')(colonne, codes)) }}
{%- endmacro %}

{% macro default__contient_un_de(colonne, codes) -%}
    {{ return('arrays_overlap(' ~ colonne ~ ", array('" ~ codes | join("', '") ~ "'))") }}
{%- endmacro %}

{% macro duckdb__contient_un_de(colonne, codes) -%}
    {{ return('list_has_any(' ~ colonne ~ ", ['" ~ codes | join("', '") ~ "'])") }}
{%- endmacro %}


{#- Un texte dont les valeurs sont connues d'avance, rangé aussi petit que le moteur le sait ; une autre valeur est une erreur. -#}
{% macro code_court(expression, codes) -%}
    {{ return(adapter.dispatch('code_court', 'observatoire')(expression, codes)) }}
{%- endmacro %}

{% macro default__code_court(expression, codes) -%}
    {{ return(expression) }}
{%- endmacro %}

{% macro duckdb__code_court(expression, codes) -%}
    {{ return('cast(' ~ expression ~ " as enum('" ~ codes | join("', '") ~ "'))") }}
{%- endmacro %}


{#- Le même, pour une colonne de listes. -#}
{% macro codes_courts(expression, codes) -%}
    {{ return(adapter.dispatch('codes_courts', 'observatoire')(expression, codes)) }}
{%- endmacro %}

{% macro default__codes_courts(expression, codes) -%}
    {{ return(expression) }}
{%- endmacro %}

{% macro duckdb__codes_courts(expression, codes) -%}
    {{ return('cast(' ~ expression ~ " as enum('" ~ codes | join("', '") ~ "')[])") }}
{%- endmacro %}


{#- Une table qui ne vit que le temps du modèle, dans sa connexion. -#}
{% macro provisoire(nom) -%}
    {{ return(adapter.dispatch('provisoire', 'observatoire')(nom, caller())) }}
{%- endmacro %}

{% macro default__provisoire(nom, requete) -%}
    {{ return('create or replace temporary view ' ~ nom ~ ' as ' ~ requete) }}
{%- endmacro %}

{% macro duckdb__provisoire(nom, requete) -%}
    {{ return('create or replace temporary table ' ~ nom ~ ' as ' ~ requete) }}
{%- endmacro %}

{#- Défait ce que `provisoire` a fait. -#}
{% macro oublier_provisoire(nom) -%}
    {{ return(adapter.dispatch('oublier_provisoire', 'observatoire')(nom)) }}
{%- endmacro %}

{% macro default__oublier_provisoire(nom) -%}
    {{ return('drop view if exists ' ~ nom) }}
{%- endmacro %}

{% macro duckdb__oublier_provisoire(nom) -%}
    {{ return('drop table if exists temp.' ~ nom) }}
{%- endmacro %}


{#- Agrégat : les valeurs distinctes, triées, en un texte. -#}
{% macro liste_triee(expression, separateur=',') -%}
    {{ return(adapter.dispatch('liste_triee', 'observatoire')(expression, separateur)) }}
{%- endmacro %}

{% macro default__liste_triee(expression, separateur) -%}
    {{ return("nullif(array_join(array_sort(collect_set(" ~ expression ~ ")), '" ~ separateur ~ "'), '')") }}
{%- endmacro %}

{% macro duckdb__liste_triee(expression, separateur) -%}
    {{ return("string_agg(distinct " ~ expression ~ ", '" ~ separateur ~ "' order by " ~ expression ~ ")") }}
{%- endmacro %}


{#- Agrégat : la somme des `combien` plus grandes valeurs. -#}
{% macro somme_des_plus_grands(expression, combien) -%}
    {{ return(adapter.dispatch('somme_des_plus_grands', 'observatoire')(expression, combien)) }}
{%- endmacro %}

{% macro default__somme_des_plus_grands(expression, combien) -%}
    {%- set rangees = 'slice(sort_array(collect_list(' ~ expression ~ '), false), 1, ' ~ combien ~ ')' -%}
    {{ return('aggregate(' ~ rangees ~ ', cast(0 as double), (somme, valeur) -> somme + valeur)') }}
{%- endmacro %}

{% macro duckdb__somme_des_plus_grands(expression, combien) -%}
    {{ return('list_sum(max(' ~ expression ~ ', ' ~ combien ~ '))') }}
{%- endmacro %}


{#- La valeur de `cle`, une expression, parmi les lignes de `relation` où `filtre` est vrai : une clé y a une seule valeur. Nul si elle n'y est pas. -#}
{% macro dans_le_dictionnaire(relation, filtre, cles, valeurs, cle) -%}
    {{ return(adapter.dispatch('dans_le_dictionnaire', 'observatoire')(relation, filtre, cles, valeurs, cle)) }}
{%- endmacro %}

{#- collect_list laisse de côté les nuls : une clé sans valeur décalerait les suivantes. -#}
{% macro default__dans_le_dictionnaire(relation, filtre, cles, valeurs, cle) -%}
    try_element_at(
        (
            select map_from_arrays(collect_list({{ cles }}), collect_list({{ valeurs }}))
            from {{ relation }}
            where {{ filtre }} and {{ cles }} is not null and {{ valeurs }} is not null
        ),
        {{ cle }}
    )
{%- endmacro %}

{% macro duckdb__dans_le_dictionnaire(relation, filtre, cles, valeurs, cle) -%}
    (select map(list({{ cles }}), list({{ valeurs }})) from {{ relation }} where {{ filtre }})[{{ cle }}]
{%- endmacro %}


{#-
    Nombre en chiffres, un point avant ses `decimales` ; une moitié s'arrondit en s'éloignant de zéro. Le décimal rend leur moitié aux
    doubles qui l'ont manquée : 100 * 0,145 y vaut 14,499999999999998, qui s'imprime 15.
-#}
{% macro nombre_decimal(expression, decimales) -%}
    {%- set arrondi = 'cast(round(cast(' ~ expression ~ ' as decimal(27, 9)), ' ~ decimales ~ ') as double)' -%}
    {{ return(adapter.dispatch('nombre_decimal', 'observatoire')(arrondi, decimales)) }}
{%- endmacro %}

{% macro default__nombre_decimal(expression, decimales) -%}
    {{ return("printf('%." ~ decimales ~ "f', " ~ expression ~ ")") }}
{%- endmacro %}


{#- Le printf de Spark arrondit les chiffres que Java montre, non le nombre : 0,15 y ferait 0,2. -#}
{% macro spark__nombre_decimal(expression, decimales) -%}
    {%- set modele = '0' ~ ('.' if decimales else '') ~ '0' * decimales -%}
    {{ return("format_number(" ~ expression ~ ", '" ~ modele ~ "')") }}
{%- endmacro %}


{#- Déplie le JSON des entrées de l'édition : une ligne par fichier, colonnes fichier et sha256. -#}
{% macro entrees_de(relation, colonne) -%}
    {{ return(adapter.dispatch('entrees_de', 'observatoire')(relation, colonne)) }}
{%- endmacro %}

{% macro default__entrees_de(relation, colonne) -%}
    select
        edition,
        entree.fichier as fichier,
        entree.sha256 as sha256
    from (
        select
            edition,
            {{ eclater("from_json(" ~ colonne ~ ", 'array<struct<fichier:string,sha256:string>>')") }} as entree
        from {{ relation }}
    ) as depliees
{%- endmacro %}

{% macro duckdb__entrees_de(relation, colonne) -%}
    select
        edition,
        entree.fichier as fichier,
        entree.sha256 as sha256
    from (
        select
            edition,
            {{ eclater("from_json(" ~ colonne ~ ", '[{\"fichier\": \"VARCHAR\", \"sha256\": \"VARCHAR\"}]')") }} as entree
        from {{ relation }}
    ) as depliees
{%- endmacro %}
