{#- La grille des verdicts : ce qu'un écart a le droit de s'appeler. -#}

{#- Valeur p bilatérale d'un écart, à `ddl` degrés de liberté ; deux mesures sans erreur ne diffèrent que si elles sont différentes. -#}
{% macro p_ecart(ecart, erreur) -%}
    case
        when {{ ecart }} is null or {{ erreur }} is null then null
        when {{ erreur }} > 0 then p_student({{ ecart }} / {{ erreur }}, ddl)
        when abs({{ ecart }}) < 1e-12 then 1.0
        else 0.0
    end
{%- endmacro %}

{#-
    Les expressions qui donnent à chaque `p_valeur` de `tests` sa `p_ajustee` dans sa famille, jusqu'à `ajustes` : Benjamini et
    Hochberg (1995), la p du rang r parmi m devient m p / r, ramenée au minimum de ce qui suit ; les p ex aequo ont le rang de la
    dernière. Une famille est ce qu'un rapport met sous les yeux à la fois ; trier par son numéro coûte bien moins que par ses textes.
-#}
{% macro p_ajustees(famille) -%}
familles as (
    select
        {{ famille | join(',\n        ') }},
        row_number() over (order by {{ famille | join(', ') }}) as famille
    from tests
    group by {{ famille | join(', ') }}
),

numerotes as (
    select
        tests.*,
        familles.famille
    from tests
    inner join familles
        on
            {%- for colonne in famille %}
            {{ 'and ' if not loop.first }}tests.{{ colonne }} is not distinct from familles.{{ colonne }}
            {%- endfor %}
),

p_distinctes as (
    select
        famille,
        p_valeur,
        count(*) as nb
    from numerotes
    where p_valeur is not null
    group by famille, p_valeur
),

rangs as (
    select
        famille,
        p_valeur,
        sum(nb) over (partition by famille order by p_valeur) as rang,
        sum(nb) over (partition by famille) as nb_tests
    from p_distinctes
),

ajustees as (
    select
        famille,
        p_valeur,
        least(1.0, min(p_valeur * nb_tests / rang) over (partition by famille order by p_valeur desc)) as p_ajustee
    from rangs
),

ajustes as (
    select
        numerotes.*,
        ajustees.p_ajustee
    from numerotes
    left join ajustees
        on
            numerotes.famille = ajustees.famille
            and numerotes.p_valeur = ajustees.p_valeur
)
{%- endmacro %}

{#- Significatif : le test rejette l'égalité, une fois la p ajustée. -#}
{% macro est_significatif() -%}
    p_ajustee < alpha
{%- endmacro %}

{#- Notable : l'écart atteint la matérialité. -#}
{% macro est_notable() -%}
    abs(ecart) >= materialite
{%- endmacro %}

{#- Équivalent : l'intervalle tient dans la matérialité. `t` est le quantile de Student du niveau de confiance. -#}
{% macro est_equivalent() -%}
    abs(ecart) + t * erreur <= materialite
{%- endmacro %}


{#-
    L'échelon d'un écart, sous les mots donnés, essayés dans cet ordre : établi et notable ; établi, sans être notable ;
    équivalent ; à défaut, rien n'est établi. Un écart établi n'est donc jamais dit nul, si petit soit-il.
-#}
{% macro echelon(plus, un_peu_plus, egal, un_peu_moins, moins) -%}
    case
        when {{ est_significatif() }} and {{ est_notable() }} and ecart > 0 then '{{ plus }}'
        when {{ est_significatif() }} and {{ est_notable() }} then '{{ moins }}'
        when {{ est_significatif() }} and ecart > 0 then '{{ un_peu_plus }}'
        when {{ est_significatif() }} then '{{ un_peu_moins }}'
        when {{ est_equivalent() }} then '{{ egal }}'
        else 'non significatif'
    end
{%- endmacro %}

{#- D'une vague à l'autre ; sans verdict si la cellule est masquée. Une base trop petite, ou faite de peu d'entretiens qui
    pèsent trop, ne conclut jamais. -#}
{% macro verdict_evolution() -%}
    case
        when posee and nouvelle then 'nouveau'
        when statut in ('Z', 'E') then 'non comparable'
        when statut <> 'V' then null
        when not comparable or ecart is null then 'non comparable'
        when base_verdict < base_fragile then 'non significatif'
        else {{ echelon('hausse', 'hausse légère', 'stable', 'baisse légère', 'baisse') }}
    end
{%- endmacro %}

{#- Pourquoi ce verdict d'évolution : les mêmes cas, dans le même ordre, chacun avec sa raison. -#}
{% macro motif_verdict_evolution() -%}
    case
        when posee and nouvelle then {{ motif('question_nouvelle') }}
        when statut <> 'V' then motif
        when rupture then {{ motif('question_modifiee') }}
        when not memes_organismes then {{ motif('exclusion_inegale') }}
        when not comparable and not meme_mode and meme_mode_exige then {{ motif('modes_differents') }}
        when not comparable and not meme_institut and meme_institut_exige then {{ motif('instituts_differents') }}
        when not comparable then {{ motif('baremes_differents') }}
        when ecart is null then {{ motif('sans_mesure') }}
        when base_verdict < base_fragile then {{ motif('base_fragile', 'base_fragile') }}
        when {{ est_significatif() }} and {{ est_notable() }} then {{ motif('ecart_notable') }}
        when {{ est_significatif() }} then {{ motif('ecart_mineur') }}
        when {{ est_equivalent() }} then {{ motif('ecart_borne') }}
        when p_valeur < alpha then {{ motif('nombre_de_tests') }}
        else {{ motif('hasard') }}
    end
{%- endmacro %}


{#- D'une valeur à une autre, sans avant ni après : référence nationale, autre segment, autres organismes. -#}
{% macro verdict_position() -%}
    case
        when statut <> 'V' then null
        when not est_comparable then 'non comparable'
        when base_verdict < base_fragile then 'non significatif'
        else {{ echelon('au-dessus', 'légèrement au-dessus', 'au niveau', 'légèrement en dessous', 'en dessous') }}
    end
{%- endmacro %}

{#- Pourquoi ce verdict d'un écart à une référence nationale, et ce que vaut la précision de celle-ci. -#}
{% macro motif_verdict_reference() -%}
    case
        when statut <> 'V' then motif
        when not est_comparable then motif_source
        when base_verdict < base_fragile then {{ motif('base_fragile', 'base_fragile') }}
        when erreur_type_reference is null then {{ motif('precision_inconnue') }}
        when est_supposee then {{ motif('precision_supposee', 'reference_base_supposee') }}
        else {{ motif('precision_des_deux') }}
    end
{%- endmacro %}
