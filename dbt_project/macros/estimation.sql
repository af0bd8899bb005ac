{#- Les formules de l'estimation et de la décision de publier ; la méthode est dans docs/methode. -#}

{#-
    (1 - n/N) n/(n-1), ou n/(n-1) si `population_finie` est faux : la part de la variance d'une strate qui ne dépend que du plan.
    `n` et `population` : entretiens et logements de la strate. Zéro pour un entretien seul.
-#}
{% macro coefficient_variance(n, population, population_finie) -%}
    case
        when {{ n }} > 1 then
            {{ part_non_sondee(n, population, population_finie) }} * {{ n }} / ({{ n }} - 1)
        else 0.0
    end
{%- endmacro %}

{#- La correction de population finie, 1 - n/N, ou 1 si `population_finie` est faux. -#}
{% macro part_non_sondee(n, population, population_finie) -%}
    case when {{ population_finie }} then greatest(1 - cast({{ n }} as double) / {{ population }}, 0) else 1.0 end
{%- endmacro %}

{#-
    Les coefficients de la variance d'une mesure, sommes sur les strates de int_moments_strates : `c` et `n`, coefficient et effectif
    de la strate ; `noms`, ceux des termes constant, croisé et carré, puis des deux bruts.
-#}
{% macro coefficients_taylor(c, n, noms) -%}
    {{ somme(c ~ ' * (w2dd - wd * wd / ' ~ n ~ ')') }} as {{ noms[0] }},
    {{ somme(c ~ ' * (w2d - wd * w / ' ~ n ~ ')') }} as {{ noms[1] }},
    {{ somme(c ~ ' * (w2 - w * w / ' ~ n ~ ')') }} as {{ noms[2] }},
    {{ somme(c ~ ' * w2dd') }} as {{ noms[3] }},
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
    t²/n équivalent. Quand tous répondent de même la variance estimée est nulle : on prend sa limite, celle d'un taux qui tend vers
    0 ou 1, t² g2 / W². Un recensement n'a pas d'erreur, et ses bornes sont le taux.
-#}
{% macro c_wilson(t, taux, erreur, limite) -%}
    case
        when {{ taux }} > 0 and {{ taux }} < 1
            then {{ t }} * {{ t }} * {{ erreur }} * {{ erreur }} / ({{ taux }} * (1 - {{ taux }}))
        else {{ t }} * {{ t }} * {{ limite }}
    end
{%- endmacro %}
