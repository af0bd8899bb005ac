{#- Clé d'une période de validité d'un organisme : lisible, et la même d'une édition à l'autre. -#}
{% macro cle_organisme(code, valide_de) -%}
    {{ code }} || ' ' || cast({{ valide_de }} as {{ dbt.type_string() }})
{%- endmacro %}

{#-
    Une clé en une colonne de celles que `colonne` déclare (`config: {meta: {role: composee, de: [axe, segment]}}`), lues dans `alias` :
    un outil d'analyse ne relie que sur une colonne. Le premier code n'a jamais de barre ; vide si l'une des deux l'est.
-#}
{% macro cle_composee(colonne, alias='') -%}
    {%- for partie in colonne.config.meta.de -%}
        {{ " || '|' || " if not loop.first }}{{ alias ~ '.' if alias }}{{ partie }}
    {%- endfor -%}
{%- endmacro %}

{#- Une colonne telle qu'un mart la lit dans `alias` : sous son nom, ou composée. -#}
{% macro lue(colonne, alias='') -%}
    {%- if colonne.config.meta.role == 'composee' -%}
        {{ cle_composee(colonne, alias) }}
    {%- else -%}
        {{ alias ~ '.' if alias }}{{ colonne.name }}
    {%- endif -%}
{%- endmacro %}

{#- La condition d'une jointure : les mêmes valeurs des colonnes `cle` de part et d'autre. -#}
{% macro memes(gauche, droite, cle) -%}
    {%- for colonne in cle -%}
        {{ ' and ' if not loop.first }}{{ gauche }}.{{ colonne }} = {{ droite }}.{{ colonne }}
    {%- endfor -%}
{%- endmacro %}

{#- Les colonnes `cle` d'une table, à la suite, dans un select ou un group by. -#}
{% macro prises(alias, cle) -%}
    {%- for colonne in cle -%}
        {{ ', ' if not loop.first }}{{ alias }}.{{ colonne }}
    {%- endfor -%}
{%- endmacro %}

{#- Vrai d'une ligne qui vaut d'un jour (`debut`) à un autre (`fin`, vide sans terme), au jour dit. -#}
{% macro vaut_le(jour, ligne, debut='debut', fin='fin') -%}
{{ jour }} >= {{ ligne }}.{{ debut }} and ({{ jour }} <= {{ ligne }}.{{ fin }} or {{ ligne }}.{{ fin }} is null)
{%- endmacro %}
