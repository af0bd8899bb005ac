{#- Les formules de l'estimation et de la décision de publier ; la méthode est dans docs/methode. -#}

{#-
    (1 - n/N) n/(n-1), ou n/(n-1) si le programme ne corrige pas de la population finie : la part de la strate qui ne dépend
    que du plan. Un organisme à un seul entretien n'apporte rien.
-#}
{% macro coefficient_variance(n, population) -%}
    case
        when {{ n }} > 1 then
            case
                when parametres.population_finie then greatest(1 - cast({{ n }} as double) / {{ population }}, 0)
                else 1.0
            end
            * {{ n }} / ({{ n }} - 1)
        else 0.0
    end
{%- endmacro %}

{#- Ce que la variance demande à une strate, pour une mesure : sommes de w, w² et w² fois son écart au centre. -#}
{% macro sommes_centrees(nom) -%}
    {{ somme('w * ' ~ nom ~ '_ecart') }} as {{ nom }}_wd,
    {{ somme('w2 * ' ~ nom ~ '_ecart') }} as {{ nom }}_w2d,
    {{ somme('w2 * ' ~ nom ~ '_ecart * ' ~ nom ~ '_ecart') }} as {{ nom }}_w2dd
{%- endmacro %}

{#- La somme d'un terme chez les autres ; aucune si aucun autre n'a cette mesure. -#}
{% macro reste_de(nom, mesure) -%}
    {%- set difference = 'additions.' ~ nom ~ ' - coalesce(siens.' ~ nom ~ ', 0)' -%}
    {%- if mesure -%}
        case when additions.nb_{{ mesure }} > coalesce(siens.nb_{{ mesure }}, 0) then {{ difference }} end
    {%- else -%}
        {{ difference }}
    {%- endif -%}
{%- endmacro %}

{#-
    Les coefficients de la variance d'une mesure, somme sur les strates : `c` et `n`, coefficient et effectif de la strate ; `termes`,
    les noms du terme constant, du croisé et du brut.
-#}
{% macro coefficients_taylor(nom, c, n, termes) -%}
    {{ somme(c ~ ' * (' ~ nom ~ '_w2dd - ' ~ nom ~ '_wd * ' ~ nom ~ '_wd / ' ~ n ~ ')') }} as {{ nom }}_{{ termes[0] }},
    {{ somme(c ~ ' * (' ~ nom ~ '_w2d - ' ~ nom ~ '_wd * w / ' ~ n ~ ')') }} as {{ nom }}_{{ termes[1] }},
    {{ somme(c ~ ' * ' ~ nom ~ '_w2dd') }} as {{ nom }}_{{ termes[2] }}
{%- endmacro %}

{#-
    Une strate à nombre de répondants fixé : ceux de la question sont son échantillon. Un répondant seul n'a pas de variance ainsi ;
    il garde celle de sa strate. Un chiffre d'organisme, dans une moyenne d'organismes, est estimé ainsi.
-#}
{% macro a_base_fixee() -%}
    case when par_strate.n > 1 then par_strate.n else cast(par_strate.nh as double) end as nd,
    case
        when par_strate.n > 1 then {{ coefficient_variance('par_strate.n', 'par_strate.population') }}
        else par_strate.ch
    end as cd
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

{#- Celui des trois chiffres régionaux que le programme imprime : le domaine, ou une moyenne des chiffres des organismes. -#}
{% macro imprime(domaine, moyenne, suffixe='') -%}
    case parametres.estimateur_imprime
        when 'parc' then estimations.{{ moyenne }}_parc{{ suffixe }}
        when 'organismes' then estimations.{{ moyenne }}_organismes{{ suffixe }}
        else estimations.{{ domaine }}
    end
{%- endmacro %}
