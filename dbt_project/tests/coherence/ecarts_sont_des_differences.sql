{#- fait, modèle de ses organismes, et par écart : ce dont il est la différence. -#}
{%- set ecarts = [
    ('fct_evolution', 'int_evolution', 'ecart_note', 'note_moyenne', 'note_precedente'),
    ('fct_evolution', 'int_evolution', 'ecart_taux', 'taux_satisfaits', 'taux_precedent'),
    ('fct_comparaison', 'int_comparaison', 'ecart_note', 'note_moyenne', 'note_comparee'),
    ('fct_comparaison', 'int_comparaison', 'ecart_taux', 'taux_satisfaits', 'taux_compare'),
    ('fct_ecart_reference', 'int_ecart_reference', 'ecart', 'valeur', 'reference'),
] -%}
-- Un écart publié est la différence des deux valeurs publiées à côté de lui ; organismes compris.
{%- for fait, modele, ecart, valeur, comparee in ecarts %}
select
    '{{ fait }}.{{ ecart }}' as colonne,
    vague,
    perimetre_type,
    perimetre,
    question_code,
    {{ ecart }} as ecart,
    {{ valeur }} - {{ comparee }} as difference
from {{ ref(modele) }}
where abs({{ ecart }} - ({{ valeur }} - {{ comparee }})) > 1e-9
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
