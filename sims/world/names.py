"""Invented people's names, telephone numbers and mail addresses; none can reach a living person.

Names come from short lists of our own for each language community, telephone numbers from the range 555-0100 to
555-0199 that is reserved for fiction, mail addresses from the domains example.com, .org and .net.
"""

from sims.world.draws import Dice

_GIVEN = {
    "en": ("Alden", "Brynn", "Cedric", "Delphine", "Edgar", "Fenella", "Gareth", "Harriet", "Ingram", "Jocelyn",
           "Kendrick", "Lorena", "Marlow", "Nadine", "Osborne", "Philippa", "Quentin", "Rosalind", "Sheridan",
           "Tamsin"),
    "es": ("Anselmo", "Belisario", "Catalina", "Dolores", "Eulalia", "Facundo", "Gonzalo", "Hortensia", "Ignacio",
           "Jacinta", "Leandro", "Marisol", "Nazario", "Ofelia", "Porfirio", "Remedios", "Salvador", "Ximena"),
    "zh": ("Bingwen", "Changming", "Dongmei", "Fenfang", "Guozhi", "Huiying", "Jianyu", "Kangmin", "Lanying", "Meilin",
           "Qiaolian", "Ruolan", "Shuchun", "Weiqiang", "Xiaoling", "Yuming", "Zhenzhen"),
    "ko": ("Byungho", "Chaewon", "Donghyun", "Eunkyung", "Haneul", "Hyejin", "Jaewook", "Kyungmi", "Minseok",
           "Nayoung", "Sangwoo", "Seoyeon", "Taehyun", "Yoonhee"),
    "vi": ("Bichngoc", "Diemphuc", "Giahuy", "Hoanglong", "Khanhvy", "Lanhuong", "Minhtam", "Ngocanh", "Phuongthao",
           "Quocviet", "Thanhha", "Tuongvi", "Xuanmai"),
}  # fmt: skip
_FAMILY = {
    "en": ("Ashdown", "Birkett", "Colfax", "Dunmore", "Ellsworth", "Fairbank", "Grantham", "Holloway", "Ironside",
           "Jessop", "Kirkwood", "Lockhart", "Merriweather", "Northcott", "Oakhurst", "Penhallow", "Ravenhill",
           "Stanwick", "Thackeray", "Underhill", "Wainwright"),
    "es": ("Aguirrez", "Balcazar", "Cienfuegos", "Delgadillo", "Escarcega", "Figueredo", "Gallardez", "Hinojosa",
           "Izaguirre", "Labastida", "Montemayor", "Navarrete", "Ordaz", "Quintanar", "Robledo", "Sandoval",
           "Villasenor", "Zaragoza"),
    "zh": ("Chiang", "Dengxu", "Fengli", "Guangyu", "Hsiaoyu", "Jiangwu", "Kuangta", "Liangsu", "Ouyang", "Qianlu",
           "Shangguan", "Tsaofu", "Weizhu", "Xiahou", "Zhangbo"),
    "ko": ("Baekche", "Chunghwa", "Gyeongdo", "Hwangbo", "Jegal", "Kwonhae", "Namgung", "Pyunsu", "Seomun", "Sunwoo",
           "Tokgo", "Yeonnam"),
    "vi": ("Bachvan", "Chudinh", "Dangtran", "Hoangvu", "Laihuu", "Maivan", "Nghiemtu", "Phanvinh", "Quachdo",
           "Tonthat", "Truongba", "Vuongle"),
}  # fmt: skip
_SHOP_WORDS = {
    "restaurant": ("Cocina", "Diner", "Grill", "Taqueria", "Noodle House"),
    "office": ("Associates", "Bookkeeping", "Design Studio", "Insurance Agency", "Law Office"),
    "shop": ("Bicycles", "Florist", "Hardware", "Market", "Pharmacy"),
}
_DOMAINS = ("example.com", "example.org", "example.net")


def given_name(community: str, dice: Dice) -> str:
    """A given name of a language community."""
    return dice.one_of(_GIVEN[community])


def family_name(community: str, dice: Dice) -> str:
    """A family name of a language community."""
    return dice.one_of(_FAMILY[community])


def business_name(business_type: str, community: str, dice: Dice) -> str:
    """Name of a small business."""
    return f"{family_name(community, dice)} {dice.one_of(_SHOP_WORDS[business_type])}"


def phone_number(area_code: str, dice: Dice) -> str:
    """A telephone number out of the range reserved for fiction."""
    return f"({area_code}) 555-{dice.integer(100, 199):04}"


def email_address(given: str, family: str, number: int, dice: Dice) -> str:
    """A mail address that no two people share."""
    return f"{given.lower()}.{family.lower()}{number}@{dice.one_of(_DOMAINS)}"
