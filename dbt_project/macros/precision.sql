{#-
    À quelle précision un chiffre sort. Au plein chiffre, chacun est une équation de plus sur les comptes dont il est fait, et les poids
    sont connus : quelques équations exactes suffisent à retrouver ce qu'on masque. Un chiffre publié n'est donc pas plus fin que
    quelques réponses. `config: {meta: {precision: …}}` d'une mesure dit comment :

    note                 arrondie au dixième, au centième sur une grande base ;
    ecart_de_note        arrondi au centième d'une vague publiée à l'autre, au dixième sur une petite base ; ailleurs comme une note ;
    part                 arrondie à un pas qui vaut au moins 2 × `plancher` réponses ;
    nps                  de même, sur son échelle de 200 points ;
    note_ou_part         comme une note ou une part, selon `mesure` ;
    note_ou_pourcentage  comme une note ou cent parts, selon `unite` ;
    erreur, probabilite  un chiffre significatif ; une erreur nulle n'est pas dite, ni une probabilité au-dessous de 0,001, ni un arrondi
                         qui ferait passer `alpha` ;
    base                 arrondie à 2 × `plancher` réponses ;
    poids                deux chiffres significatifs, dès que `organismes_plein_chiffre` organismes sont dans la case ; en deçà, la base à sa
                         précision, multipliée par ce qu'un entretien représente dans le périmètre : de quoi peser la case, sans une
                         seconde équation sur ses réponses ;
    produit              des deux `facteurs` déclarés, à leur précision : ce qui s'additionne d'une case à l'autre, sans rien dire de plus ;
    interroges           le nombre d'organismes qui ont posé la question, à la place de ceux dont quelqu'un l'a eue et y a répondu : d'une question
                         posée à ceux qui en ont donné une autre, ce nombre-ci dirait de qui nul ne l'a donnée ;
    mot                  un verdict, un rang, un oui ou un non : rien à arrondir ;
    retenue              vide : ce qui, à côté du chiffre publié, en ferait une seconde équation.

    Ce qui est dit de la région entière, tous répondants, sort au plein chiffre dès que `organismes_plein_chiffre` organismes sont
    dans la case : parts au dix-millième, notes au millième, poids à quatre chiffres, erreurs et probabilités à trois, nombres de réponses
    entiers, et une mesure retenue ailleurs comme `plein_chiffre` le déclare d'elle. Plus de chiffres encore, et une douzaine d'organismes
    de deux strates se retrouveraient exactement par réduction de réseaux (ADR 57). Rien n'est arrondi si `protection` est nulle.

    Dans le fichier d'un organisme, `autrui: oui` marque ce qui est le chiffre des autres. Les lignes que `siennes` du mart désigne ne sont
    faites que des siens ; de celles que `connues` désigne, le chiffre des autres suit de ce qu'il lit déjà. Son écart aux autres est la
    `difference` des deux chiffres qui sortent, et ses bornes en sont à leur distance arrondie (`autour_de`) : arrondi à part, il dirait une
    seconde fois le chiffre des autres.
-#}
{%- macro precisions() -%}
    {#- Ce que le dictionnaire dit de chacune : ailleurs, puis de la région entière. -#}
    {{ return({
        'note': ['à 0,1 près, 0,01 sur une grande base', 'à 0,001 près'],
        'ecart_de_note': ['à 0,01 près (méthode publie, grande base), sinon comme une note', 'à 0,001 près'],
        'part': ['à un pas de 0,1 à 0,001, le plus fin sur une grande base', 'à 0,0001 près'],
        'nps': ['à un pas de 20 à 0,2 points, le plus fin sur une grande base', 'à 0,02 point près'],
        'note_ou_part': ['comme une note ou une part', 'de même'],
        'note_ou_pourcentage': ['comme une note, ou cent fois une part', 'de même'],
        'erreur': ['à un chiffre significatif, vide si elle serait nulle', 'à trois chiffres'],
        'probabilite': ['à un chiffre significatif, 0,001 au moins', 'à trois chiffres, 0,000001 au moins'],
        'base': ['au plus proche multiple de deux fois le plancher', "à l'unité"],
        'poids': ['à deux chiffres significatifs, ou d\'après la base publiée', 'à quatre chiffres'],
        'produit': ['le produit de deux chiffres publiés', 'de même'],
        'interroges': none,
        'mot': none,
        'retenue': ['vide', none],
    }) }}
{%- endmacro %}

{#- Ce que le commentaire d'une colonne de `mart` ajoute à sa description : à quelle précision elle sort. Rien d'un mot ou d'une clé. -#}
{% macro precision_dite(mart, colonne) -%}
    {%- set dite = precisions()[colonne.config.meta.precision] if colonne.config.meta.precision else none -%}
    {%- if dite -%}
        {%- set region = precisions().get(colonne.config.meta.plein_chiffre, [none, 'pleine'])[1] if dite[1] is none else dite[1] -%}
        {{ ' Dans le fichier régional, sous protection : ' ~ dite[0] ~ (' ; la région entière, ' ~ region if mart.config.meta.plein_chiffre) ~ '.' }}
    {%- endif -%}
{%- endmacro %}

{#- La précision que déclare une mesure de `mart` ; ne pas la déclarer, ou en déclarer une inconnue, est refusé. -#}
{% macro precision_de(mart, colonne) -%}
    {%- set precision = colonne.config.meta.get('precision') -%}
    {%- if precision not in precisions() -%}
        {{ exceptions.raise_compiler_error(
            mart ~ '.' ~ colonne.name ~ " : à quelle précision sort-elle ? La déclarer dans son YAML par « config: {meta: {precision: …}} » : "
            ~ precisions() | join(', ') ~ '.'
        ) }}
    {%- endif -%}
    {{ return(precision) }}
{%- endmacro %}

{#-
    Le pas auquel une part sort, d'un millième à un dixième. Il vaut 2 × `plancher` réponses au moins, tant que la base en a vingt fois
    `plancher` ; en deçà un dixième en vaut moins, et un pas plus grand ne dirait plus rien. La base est prise comme elle sort : le pas
    d'une base exacte dirait de quel côté du seuil elle est.
-#}
{% macro pas_des_parts(base) -%}
    {%- set publiee = au_pas(base, pas_des_bases()) -%}
    case
        {%- for pas, reponses in [(0.001, 2000), (0.01, 200), (0.02, 100), (0.05, 40)] %}
        when {{ publiee }} >= {{ reponses }} * parametres.plancher then {{ pas }}
        {%- endfor %}
        else 0.1
    end
{%- endmacro %}

{#- Le pas auquel sort, au plein chiffre, une note ou son écart, ou une part (`note`, `part`). -#}
{% macro pas_fin(genre) -%}
    {{ {'note': '0.001', 'part': '0.0001'}[genre] }}
{%- endmacro %}

{#- Le pas auquel une note sort. -#}
{% macro pas_des_notes(base) -%}
    case when {{ au_pas(base, pas_des_bases()) }} >= 2000 * parametres.plancher then 0.01 else 0.1 end
{%- endmacro %}

{#- Le pas auquel sort un écart de note. Deux méthodes ont le même passé : une seule sort au centième, ou leur différence situerait qui les sépare. -#}
{% macro pas_des_ecarts_de_note(base, selon_la_methode=false) -%}
    {%- set publie = "lignes.methode = 'publie' and " if selon_la_methode else '' -%}
    case when {{ publie }}{{ au_pas(base, pas_des_bases()) }} >= 200 * parametres.plancher then 0.01 else {{ pas_des_notes(base) }} end
{%- endmacro %}

{#- La base dont le pas d'un quartile vient, faute de réponses qui lui soient propres : `base` de fct_quartile. -#}
{% macro base_des_quartiles() -%}
    200 * parametres.plancher
{%- endmacro %}

{#- Un quartile, ou le chiffre de l'organisme qui le lit (`sien`), tels qu'ils sortent. -#}
{% macro quartile_publie(chiffre, sien=false) -%}
    {%- set parts = pas_fin('part') if sien else pas_des_parts(base_des_quartiles()) -%}
    {%- set notes = pas_fin('note') if sien else pas_des_notes(base_des_quartiles()) -%}
    case
        when parametres.protection > 0 and lectures.mesure = 'taux' then {{ au_pas(chiffre, parts) }}
        when parametres.protection > 0 then {{ au_pas(chiffre, notes) }}
        else {{ chiffre }}
    end
{%- endmacro %}

{#- Une erreur type telle qu'elle sort, au plein chiffre ou non. Nulle, elle dirait que toutes les réponses sont égales. -#}
{% macro erreur_publiee(erreur, plein=false) -%}
    {{ return(
        chiffres_significatifs(erreur, 3) if plein else 'nullif(' ~ chiffres_significatifs(erreur, 1) ~ ', 0)'
    ) }}
{%- endmacro %}

{#-
    Une valeur p telle qu'elle sort, au plein chiffre ou non. L'arrondi ne lui fait pas passer `alpha` : 0,046 sort à 0,04, car le verdict
    dit de quel côté elle est.
-#}
{% macro probabilite_publiee(p, plein=false) -%}
    {%- set chiffres, moindre = (3, '0.000001') if plein else (1, '0.001') -%}
    {%- set arrondie = chiffres_significatifs(p, chiffres) | trim -%}
    case
        when {{ p }} < {{ moindre }} then {{ moindre }}
        when {{ p }} < parametres.alpha and {{ arrondie }} >= parametres.alpha then {{ chiffres_significatifs(p, chiffres, 'floor') }}
        when {{ p }} >= parametres.alpha and {{ arrondie }} < parametres.alpha then {{ chiffres_significatifs(p, chiffres, 'ceil') }}
        else {{ arrondie }}
    end
{%- endmacro %}

{#- Le pas auquel une base sort. -#}
{% macro pas_des_bases() -%}
    2 * parametres.plancher
{%- endmacro %}

{#- Ce que l'arrondi cache d'une case publiée, en part de son poids : la moitié du pas de ses parts, ou de sa base s'il est plus fin. -#}
{% macro part_cachee(base) -%}
    least({{ pas_des_parts(base) }}, {{ pas_des_bases() }} / nullif({{ base }}, 0)) / 2
{%- endmacro %}

{#-
    L'expression à six décimales, ce qui ôte ce qu'une multiplication ou une somme ajoute aux dernières. Par un décimal, qui n'a qu'un
    zéro : celui d'un double garde le signe de ce qui fut arrondi, et dirait de quel côté de zéro se trouve un chiffre que l'arrondi cache.
-#}
{% macro a_six_decimales(expression) -%}
    cast(cast({{ expression }} as decimal(27, 6)) as double)
{%- endmacro %}

{#- L'expression arrondie à un pas. -#}
{% macro au_pas(expression, pas) -%}
    {{ a_six_decimales('round(' ~ expression ~ ' / (' ~ pas ~ ')) * (' ~ pas ~ ')') }}
{%- endmacro %}

{#- L'expression, positive, à `chiffres` chiffres significatifs ; `arrondi` : round, floor ou ceil. -#}
{% macro chiffres_significatifs(expression, chiffres, arrondi='round') -%}
    {%- set unite = 'power(10, floor(log10(' ~ expression ~ ')) - ' ~ (chiffres - 1) ~ ')' -%}
    case
        when {{ expression }} > 0 then round({{ arrondi }}({{ expression }} / {{ unite }}) * {{ unite }}, 9)
        else {{ expression }}
    end
{%- endmacro %}

{#-
    Une mesure de `mart` à la précision qu'elle déclare, `base` étant le nombre de réponses dont elle est faite ; `lignes` et
    `parametres` doivent être joints. `plein` : au plein chiffre ; `valeur` : ce qui est arrondi, si ce n'est pas
    la mesure elle-même.
-#}
{% macro a_la_precision(mart, colonne, base, plein=false, valeur=none) -%}
    {%- set precision = precision_de(mart.name, colonne) -%}
    {%- if plein and precision == 'retenue' -%}
        {%- set precision = colonne.config.meta.get('plein_chiffre', 'mot' if colonne.data_type in ['bigint', 'boolean']) -%}
        {%- if not precision -%}
            {{ exceptions.raise_compiler_error(
                mart.name ~ '.' ~ colonne.name ~ " : une mesure retenue déclare à quelle précision elle sort de la région entière, par "
                ~ "« config: {meta: {precision: retenue, plein_chiffre: …}} »."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {%- set valeur = valeur or 'lignes.' ~ colonne.name -%}
    {%- set parts = pas_fin('part') if plein else pas_des_parts(base) -%}
    {%- set notes = pas_fin('note') if plein else pas_des_notes(base) -%}
    {%- if precision == 'mot' or (plein and precision == 'base') -%}
        {{ valeur }}
    {%- elif precision == 'retenue' -%}
        null
    {%- elif precision == 'erreur' -%}
        {{ erreur_publiee(valeur, plein) }}
    {%- elif plein and precision == 'poids' -%}
        {{ chiffres_significatifs(valeur, 4) }}
    {%- elif precision == 'poids' -%}
        case
            when lignes.nb_organismes >= parametres.organismes_plein_chiffre then {{ chiffres_significatifs(valeur, 2) }}
            when {{ valeur }} is not null
                then round({{ au_pas(base, pas_des_bases()) }} * coalesce(lignes.population_par_entretien, 1))
        end
    {%- elif precision == 'produit' -%}
        {%- for facteur in colonne.config.meta.facteurs %}
        {{ a_la_precision(mart, mart.columns[facteur], base, plein) }}{{ ' *' if not loop.last }}
        {%- endfor %}
    {%- elif precision == 'probabilite' -%}
        {{ probabilite_publiee(valeur, plein) }}
    {%- else -%}
        {{ au_pas(valeur, {
            'note': notes,
            'ecart_de_note': notes if plein else pas_des_ecarts_de_note(base, 'methode' in mart.columns),
            'part': parts,
            'nps': '200 * ' ~ parts,
            'note_ou_part': "case when lignes.mesure = 'taux' then " ~ parts ~ ' else ' ~ notes ~ ' end',
            'note_ou_pourcentage': "case when lignes.unite = 'note_10' then " ~ notes ~ ' else 100 * ' ~ parts ~ ' end',
            'base': pas_des_bases(),
        }[precision]) }}
    {%- endif -%}
{%- endmacro %}

{#-
    Le nombre de réponses dont un chiffre est fait : celui que déclare le mart (`config: {meta: {base: …}}`), ou la colonne, pour un
    chiffre que dit aussi une autre table et qui doit y sortir de même ; ou le plus petit de ceux que le mart publie ; ou celui que
    son modèle a sous le nom `base_brute`. Dans la ligne d'un organisme, c'est celui des autres.
-#}
{% macro base_des_chiffres(mart, colonne, organismes=false) -%}
    {%- set bases = mart.columns.keys() | select('in', ['base_brute_precedente', 'base_brute_comparee']) | list -%}
    {%- if mart.config.meta.base -%}
        {{ mart.config.meta.base }}
    {%- elif colonne.config.meta.base -%}
        lignes.{{ colonne.config.meta.base }}
    {%- elif organismes and 'base_brute_comparee' in bases -%}
        lignes.base_brute_comparee
    {%- elif bases -%}
        least(lignes.base_brute, lignes.{{ bases | join(', lignes.') }})
    {%- else -%}
        lignes.base_brute
    {%- endif -%}
{%- endmacro %}

{#-
    Un chiffre d'un organisme tel qu'il sort chez lui : au plein chiffre, et un poids à l'unité. Un poids livré, à tous ses chiffres, est celui d'un
    seul répondant et le suit d'une question à l'autre. Une valeur p est entière : un verdict s'en refait.
-#}
{% macro la_sienne(mart, colonne) -%}
    {%- set precision = precision_de(mart.name, colonne) -%}
    {%- set meta = colonne.config.meta -%}
    {%- if precision in ['mot', 'base', 'interroges', 'probabilite'] -%}
        lignes.{{ colonne.name }}
    {%- elif precision in ['poids', 'produit'] or meta.plein_chiffre == 'poids' -%}
        round(lignes.{{ colonne.name }})
    {%- else -%}
        {{ a_la_precision(mart, colonne, none, plein=true) }}
    {%- endif -%}
{%- endmacro %}

{#-
    Une colonne telle qu'elle sort dans le fichier régional, ou dans celui d'un organisme : là, ses propres chiffres sont au plein chiffre,
    et ceux des autres à leur précision.
-#}
{% macro sortie(mart, colonne, organismes=false) -%}
    {%- set role = role_de(mart.name, colonne) -%}
    {%- if role != 'mesure' -%}
        {{ lue(colonne, 'lignes') }}
    {%- elif organismes and not colonne.config.meta.autrui -%}
        case when parametres.protection = 0 then lignes.{{ colonne.name }} else {{ la_sienne(mart, colonne) }} end
    {%- else -%}
        {%- set precision = precision_de(mart.name, colonne) -%}
        {%- set base = base_des_chiffres(mart, colonne, organismes) | trim -%}
        {%- if precision == 'mot' -%}
            lignes.{{ colonne.name }}
        {%- elif precision == 'interroges' -%}
            lignes.organismes_interroges
        {%- else -%}
            {%- set meta = colonne.config.meta -%}
            cast(
                case
                    when parametres.protection = 0 then lignes.{{ colonne.name }}
                    {%- if organismes and mart.config.meta.siennes %}
                    when {{ mart.config.meta.siennes }} then {{ la_sienne(mart, colonne) }}
                    {%- endif %}
                    {%- if organismes and meta.difference %}
                    else
                        {%- set membres = [] %}
                        {%- for membre in meta.difference %}
                        {%- do membres.append(sortie(mart, mart.columns[membre], organismes=true)) %}
                        {%- endfor %}
                        {{ a_six_decimales(membres | join(' - ')) }}
                    {%- elif organismes and meta.autour_de %}
                    {%- set distance = '(lignes.' ~ colonne.name ~ ' - lignes.' ~ meta.autour_de ~ ')' %}
                    else
                        {{ a_six_decimales(
                            sortie(mart, mart.columns[meta.autour_de], organismes=true) ~ ' + '
                            ~ a_la_precision_permise(mart, colonne, base, organismes, distance)
                        ) }}
                    {%- else %}
                    else {{ a_la_precision_permise(mart, colonne, base, organismes) }}
                    {%- endif %}
                end as {{ colonne.data_type }}
            )
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#-
    Une mesure au plein chiffre où sa ligne le permet, sinon à sa précision. Le permettent, dans le fichier régional, les lignes de la
    région entière ; dans celui d'un organisme, les lignes que `connues` du mart désigne : ce qui y est dit des autres suit déjà de la
    région et des siens. Ce qui est retenu le reste.
-#}
{% macro a_la_precision_permise(mart, colonne, base, organismes, valeur=none) -%}
    {%- set permis = mart.config.meta.connues if organismes else (est_au_plein_chiffre(mart) if mart.config.meta.plein_chiffre) -%}
    {%- if permis and not (organismes and precision_de(mart.name, colonne) == 'retenue') -%}
        case
            when {{ permis }} then {{ a_la_precision(mart, colonne, base, plein=true, valeur=valeur) }}
            else {{ a_la_precision(mart, colonne, base, valeur=valeur) }}
        end
    {%- else -%}
        {{ a_la_precision(mart, colonne, base, valeur=valeur) }}
    {%- endif -%}
{%- endmacro %}

{#-
    Vrai d'une ligne qui sort au plein chiffre : celle de la région, tous répondants, quand assez d'organismes sont dans la case, à
    chacune des vagues dont elle parle. Seuls en ont les marts qui déclarent `plein_chiffre: oui`, et dont le modèle donne ces nombres.
-#}
{% macro est_au_plein_chiffre(mart) -%}
    (
        lignes.{{ colonnes(mart.name, 'perimetre') | first }} = 'region'
        {%- if 'axe' in mart.columns %}
        and lignes.axe = 'ensemble'
        {%- endif %}
        {%- if 'methode' in mart.columns %}
        and lignes.methode = 'publie'
        {%- endif %}
        and lignes.nb_organismes >= parametres.organismes_plein_chiffre
        {%- if 'vague_precedente' in colonnes(mart.name, 'cle') %}
        and lignes.nb_organismes_precedent >= parametres.organismes_plein_chiffre
        {%- endif %}
    )
{%- endmacro %}
