{#- Les formules de l'estimation et de la décision de publier ; la méthode est dans docs/methode. -#}

{#-
    (1 - n/N) m/(m-1), ou m/(m-1) si `population_finie` est faux : la part de la variance d'une strate qui ne dépend que du plan.
    `unites` (m), `n` et `population` : unités primaires, entretiens et population de la strate. Zéro pour une unité seule.
-#}
{% macro coefficient_variance(unites, n, population, population_finie) -%}
    case
        when {{ unites }} > 1 then
            {{ part_non_sondee(n, population, population_finie) }} * {{ unites }} / ({{ unites }} - 1)
        else 0.0
    end
{%- endmacro %}

{#- La correction de population finie, 1 - n/N, ou 1 si `population_finie` est faux. -#}
{% macro part_non_sondee(n, population, population_finie) -%}
    case when {{ population_finie }} then greatest(1 - cast({{ n }} as double) / {{ population }}, 0) else 1.0 end
{%- endmacro %}

{#-
    Les coefficients de la variance d'une mesure, sommes sur les strates de int_moments_strates : `c` et `m`, coefficient et nombre
    d'unités de la strate ; `noms`, ceux des termes constant, croisé et carré, puis des deux bruts. Le dernier prend les réponses
    d'une unité pour indépendantes.
-#}
{% macro coefficients_taylor(c, m, noms) -%}
    {{ somme(c ~ ' * (u2dd - wd * wd / ' ~ m ~ ')') }} as {{ noms[0] }},
    {{ somme(c ~ ' * (u2d - wd * w / ' ~ m ~ ')') }} as {{ noms[1] }},
    {{ somme(c ~ ' * (u2 - w * w / ' ~ m ~ ')') }} as {{ noms[2] }},
    {{ somme(c ~ ' * u2dd') }} as {{ noms[3] }},
    {{ somme(c ~ ' * w2') }} as {{ noms[4] }}
{%- endmacro %}

{#-
    Variance de Taylor d'une moyenne de domaine, à partir des coefficients de int_moments ; `ecart` va du centre à la moyenne.
    Des réponses toutes égales donnent zéro exactement, non un reste d'arrondi : d'où le plancher à 1e-13 des termes bruts.
-#}
{% macro variance_taylor(q0, q1, q2, g0, g2, ecart, poids) -%}
    case
        when
            {{ q0 }} - 2 * {{ ecart }} * {{ q1 }} + {{ ecart }} * {{ ecart }} * {{ q2 }}
            <= 1e-13 * ({{ g0 }} + {{ ecart }} * {{ ecart }} * {{ g2 }})
            then 0.0
        else
            ({{ q0 }} - 2 * {{ ecart }} * {{ q1 }} + {{ ecart }} * {{ ecart }} * {{ q2 }})
            / ({{ poids }} * {{ poids }})
    end
{%- endmacro %}

{#-
    Ce qu'une part de la variance ajoute au dénominateur de Satterthwaite : son carré sur ses degrés de liberté, au moins 1.
-#}
{% macro carre_de_variance(variance, ddl) -%}
    ({{ variance }}) * ({{ variance }}) / greatest({{ ddl }}, 1)
{%- endmacro %}

{#-
    Degrés de liberté d'une variance faite de parts inégales (Satterthwaite, 1946), arrondis en dessous : `total` au carré sur `carres`,
    somme de ses carre_de_variance. Jamais plus que `plan`, ceux de survey, entretiens moins strates ; au moins 1. Le millionième
    est pour le dernier chiffre d'un quotient entier.
-#}
{% macro ddl_satterthwaite(plan, total, carres) -%}
    cast(
        floor(greatest(least({{ plan }}, ({{ total }}) * ({{ total }}) / nullif({{ carres }}, 0)), 1) + 1e-6) as bigint
    )
{%- endmacro %}

{#-
    Ceux d'un écart de deux chiffres (Welch, 1947), jamais plus que leur somme moins un, comme svyttest de survey. Chacun a une variance
    limite, celle d'un plan où tous sont aussi partagés. Si `partage`, des unités primaires ont fait l'un et l'autre, et ne comptent
    pas deux fois : l'écart n'en a pas plus que celui qui en a le plus.
-#}
{% macro ddl_ecart(limite, ddl, limite_comparee, ddl_compare, partage='false') -%}
    {{ ddl_satterthwaite(
        'case when ' ~ partage ~ ' then greatest(' ~ ddl ~ ', ' ~ ddl_compare ~ ') else ' ~ ddl ~ ' + ' ~ ddl_compare ~ ' - 1 end',
        limite ~ ' + ' ~ limite_comparee,
        '(' ~ carre_de_variance(limite, ddl) ~ ' + ' ~ carre_de_variance(limite_comparee, ddl_compare) ~ ')'
    ) }}
{%- endmacro %}

{#- Erreur d'un écart : deux domaines qui varient ensemble n'en laissent aucune, au reste d'arrondi près. -#}
{% macro erreur_ecart(variances, covariances) -%}
    case
        when {{ variances }} + {{ covariances }} <= 1e-13 * {{ variances }} then 0.0
        else sqrt({{ variances }} + {{ covariances }})
    end
{%- endmacro %}

{#-
    Borne d'un taux : intervalle du score de Wilson, l'effectif étant celui d'un sondage simple de même variance et le quantile
    celui de Student (Wilson 1927 ; Dean et Pagano 2015). `c` est t²/n équivalent : t² V / (p (1 - p)). `signe` vaut -1 ou 1.
-#}
{% macro borne_wilson(taux, c, signe) -%}
    (({{ taux }} + {{ c }} / 2 + {{ signe }} * sqrt({{ c }} * {{ taux }} * (1 - {{ taux }}) + {{ c }} * {{ c }} / 4)) / (1 + {{ c }}))
{%- endmacro %}

{#-
    t²/n équivalent. `limite` est la variance que le plan donnerait à des réponses également dispersées, rapportée à p (1 - p) : g2 / W².
    Quand tous répondent de même, la variance estimée est nulle et la limite la remplace. Quand moins de cinq réponses d'une des deux
    sortes sont attendues parmi celles qui portent l'erreur, l'échantillon peut les avoir manquées toutes : la variance n'est alors pas
    crue au-dessous de la limite. Un recensement n'a pas d'erreur, et ses bornes sont le taux.
-#}
{% macro c_wilson(t, taux, erreur, limite, ddl) -%}
    {%- set estimee = t ~ ' * ' ~ t ~ ' * ' ~ erreur ~ ' * ' ~ erreur ~ ' / (' ~ taux ~ ' * (1 - ' ~ taux ~ '))' -%}
    case
        when {{ taux }} <= 0 or {{ taux }} >= 1 then {{ t }} * {{ t }} * {{ limite }}
        when {{ ddl }} * least({{ taux }}, 1 - {{ taux }}) >= 5 then {{ estimee }}
        else greatest({{ estimee }}, {{ t }} * {{ t }} * {{ limite }})
    end
{%- endmacro %}
